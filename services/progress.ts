const mib = 1024 * 1024;

export interface ProgressView {
  readonly log: (line: string) => void;
  /** A terminal that shows how far a download is, on one line; without it `log` gets a line now and then. */
  readonly terminal?: Pick<NodeJS.WriteStream, 'write'> | undefined;
}

/**
 * Shows how far a download is: on a terminal one line that is renewed with every percent, elsewhere a line every tenth.
 * @param total bytes to come; nothing is shown where the server did not say
 * @returns takes the size of every piece
 */
export function showProgress(total: number, { terminal, log }: ProgressView): (bytes: number) => void {
  let received = 0;
  let shown = 0;
  return (bytes) => {
    received += bytes;
    const percent = Math.min(100, Math.floor((100 * received) / total));
    const step = terminal ? 1 : 10;
    if (!(percent >= shown + step)) return; // also when there is no total
    shown = percent - (percent % step);
    const line = `  ${String(shown)} % of ${(total / mib).toFixed(1)} MiB`;
    // What else is said meanwhile begins where the line does, and takes its place.
    if (terminal) terminal.write(`${line}${percent === 100 ? '\n' : '\r'}`);
    else log(line);
  };
}
