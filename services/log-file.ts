import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

const rotateAboveBytes = 50 * 1024 * 1024;

/** Opens a log for appending. One that grew large is first moved to `<file>.1`, so logs never fill the disk over years. */
export function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > rotateAboveBytes)
    renameSync(file, `${file}.1`);
  return openSync(file, 'a');
}

/** Last lines of a log, for an error message; empty when there are none. */
export function lastLines(file: string, count: number): string[] {
  const lines = statSync(file, { throwIfNoEntry: false })
    ? readFileSync(file, 'utf8').trimEnd().split('\n')
    : [];
  return lines.slice(-count).filter((line) => line !== '');
}

/** Follows a log another process writes. */
export interface FollowedLog {
  /** Reads what is there now and stops. */
  stop(): void;
}

/** Calls `onLine` for every line appended from now on; a rotated or truncated file is followed from its start. */
export function followLog(file: string, onLine: (line: string) => void): FollowedLog {
  let position = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  let decoder = new StringDecoder('utf8');
  let partial = '';
  const readOn = () => {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size < position) {
      position = 0;
      decoder = new StringDecoder('utf8');
      partial = '';
    }
    if (size === position) return;
    const chunk = readFrom(file, position);
    position += chunk.length;
    const lines = (partial + decoder.write(chunk)).split('\n');
    partial = lines.pop() ?? '';
    lines.forEach(onLine);
  };
  const timer = setInterval(readOn, 250);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      readOn();
    },
  };
}

function readFrom(file: string, position: number): Buffer {
  const handle = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(Math.max(0, fstatSync(handle).size - position));
    return buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, position));
  } finally {
    closeSync(handle);
  }
}
