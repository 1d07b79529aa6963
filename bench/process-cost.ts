import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
  readonly rssKiB: number;
}

/** Linux reports times in ticks of this length on every platform Node runs on. */
const ticksPerSecond = 100;
const pageKiB = 4;

/** CPU seconds used so far by each process with all its descendants, those that ended and were waited for included. */
export function cpuSeconds(roots: readonly number[]): number {
  const rows = table();
  return roots.flatMap((root) => tree(root, rows)).reduce((sum, row) => sum + row.cpuSeconds, 0);
}

/** Resident memory of a process with its descendants, MiB. */
export function rssMiB(root: number): number {
  return Math.round(tree(root, table()).reduce((sum, row) => sum + row.rssKiB, 0) / 1_024);
}

function tree(root: number, rows: readonly Row[]): readonly Row[] {
  const found = rows.filter((row) => row.pid === root);
  for (const { pid } of found) found.push(...rows.filter((row) => row.parent === pid));
  return found;
}

function table(): readonly Row[] {
  if (process.platform !== 'linux') {
    return parsePs(execFileSync('ps', ['-Ao', 'pid=,ppid=,time=,rss='], { encoding: 'utf8' }));
  }
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return [parseStat(readFileSync(`/proc/${name}/stat`, 'utf8'))];
    } catch {
      return []; // ended meanwhile
    }
  });
}

/** A line of /proc/<pid>/stat; the command name in brackets may hold spaces and brackets itself. */
export function parseStat(text: string): Row {
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (index: number): number => fields[index] ?? 0;
  return {
    pid: Number.parseInt(text, 10),
    parent: at(1),
    // user, system, and the same of children that were waited for
    cpuSeconds: (at(11) + at(12) + at(13) + at(14)) / ticksPerSecond,
    rssKiB: at(21) * pageKiB,
  };
}

/** The output of `ps` with pid, parent, time (`[days-][hours:]minutes:seconds[.hundredths]`) and rss. */
export function parsePs(output: string): readonly Row[] {
  return output.split('\n').flatMap((line) => {
    const [pid, parent, time, rss] = line.trim().split(/\s+/);
    if (!pid || !parent || !time || !rss) return [];
    const [clock = '', days] = time.split('-').reverse();
    const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        cpuSeconds: seconds + Number(days ?? 0) * 86_400,
        rssKiB: Number(rss),
      },
    ];
  });
}
