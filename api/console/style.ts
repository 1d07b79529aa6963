/** The one style sheet of all pages. */
export const style = `
:root { color-scheme: light dark; --text: #1c2330; --quiet: #5b6575; --line: #d9dee6; --back: #ffffff; --panel: #f5f7fa; --accent: #1957c2; --bad: #b3261e; --good: #1b6e3c; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ef; --quiet: #9aa4b4; --line: #333b48; --back: #14181f; --panel: #1c222c; --accent: #7fb0ff; --bad: #ff8a80; --good: #7fd6a0; --warn: #f0c060; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); }
header { display: flex; flex-wrap: wrap; gap: 1.25rem; align-items: center; padding: .6rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--panel); }
header form { margin-left: auto; }
header strong { margin-right: .5rem; }
main { max-width: 76rem; margin: 0 auto; padding: 1.25rem; }
a { color: var(--accent); }
a[aria-current] { font-weight: 600; text-decoration: none; color: var(--text); }
h1 { font-size: 1.4rem; margin: .3rem 0 1rem; }
h2 { font-size: 1.1rem; margin: 1.8rem 0 .6rem; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--quiet); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { overflow: auto; padding: .8rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; font-size: 13px; }
code { font-size: 13px; }
button, input, select { font: inherit; padding: .3rem .7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--back); color: var(--text); }
button { background: var(--accent); border-color: var(--accent); color: var(--back); cursor: pointer; }
form.filter { display: flex; flex-wrap: wrap; gap: .8rem; align-items: end; margin-bottom: 1rem; }
label { color: var(--quiet); }
.quiet { color: var(--quiet); }
.bad { color: var(--bad); } .good { color: var(--good); } .warn { color: var(--warn); }
.note { padding: .6rem .9rem; border-left: 4px solid var(--accent); background: var(--panel); }
`.trimStart();
