/** What the import of files needs from the outside. */
import type { LeadId } from '../domain/ids';
import type { IsoInstant } from '../domain/instant';
import type { NewLead } from './ports';

export type ImportFormat = 'csv' | 'jsonl';

/** How a file's lines become leads. */
export interface ImportReading {
  /** Source of the lines that do not name one themselves. */
  readonly source: string;
  readonly format: ImportFormat;
  /** Canonical field → column or path in a line; without it columns are read by what they are usually called. */
  readonly mapping?: Readonly<Record<string, string>>;
}

/** Why a line is no lead; never with a value from it. `field` is empty when the line as a whole cannot be read. */
export interface LineFault {
  readonly field: string;
  readonly reason: string;
}

/** A line of a file, numbered from 1: its JSON, or why it cannot be read. */
export type FileLine = { readonly line: number } & (
  { readonly body: string } | { readonly faults: readonly LineFault[] }
);

/** The same code that reads a lead at the door, for lines of a file. Pure. */
export interface LineReader {
  /** Every line with something on it, in order; never throws for what a file says. */
  lines(file: Buffer, format: ImportFormat): Iterable<FileLine>;
  lead(
    body: string,
    reading: ImportReading,
    nowMs: number,
  ): { readonly lead: NewLead } | { readonly faults: readonly LineFault[] };
}

/** What an import's run has to do next; `over` once all its leads have been placed, or it was cancelled. */
export type ImportStep = 'split' | 'take' | 'over';

/** How many imported leads, of all imports together, may be on their way to an owner. Times in milliseconds. */
export interface ImportPace {
  /** Of those that keep the machine busy: while live leads come in, and otherwise. */
  readonly inFlightMax: { readonly beside: number; readonly alone: number };
  /** Of all, those included that wait for something else, such as a data provider. */
  readonly waitingMax: number;
  /** A lead that had no owner for longer waits for something else than the machine. */
  readonly busyMs: number;
  /** Live leads come in when one did within this time. */
  readonly quietMs: number;
  /** None sets out while a live lead keeps the machine busy. */
  readonly givesWay: boolean;
}

export interface ImportStore {
  /** The file of a queued import; undefined when there is nothing to split any more. */
  file(importId: string): Promise<({ readonly file: Buffer } & ImportReading) | undefined>;
  /** Keeps lines of a queued import; those that are there already stay as they are. */
  addLines(importId: string, lines: readonly FileLine[]): Promise<void>;
  /** All lines are there: drops the file, counts rows, and has lines taken from now on. Safe to repeat. */
  splitDone(importId: string): Promise<void>;
  /**
   * One transaction: forgets lines whose leads have been placed, then takes in as many more as the pace allows. Known leads
   * and lines that are none go with them, some hundreds at most. A line is taken in once, whatever fails.
   */
  take(input: {
    readonly importId: string;
    readonly pace: ImportPace;
    readonly at: IsoInstant;
    readonly read: (body: string, reading: ImportReading) => ReturnType<LineReader['lead']>;
  }): Promise<{
    readonly next: ImportStep;
    /** Leads that are new with this call. */
    readonly fresh: readonly LeadId[];
    /** Leads of this import that wait for an owner, the fresh ones included. */
    readonly waiting: readonly LeadId[];
    /** Live leads come in. */
    readonly live: boolean;
  }>;
  /** Imports that are not over: each must have a run. */
  unfinished(): Promise<readonly string[]>;
}
