import { z } from './zod';

/** NUL and the other control characters, which no name or address has and Postgres partly cannot store. */

const control = /[\u0000-\u001f\u007f]/;
/** A message may have lines and tabs. */

const controlButLines = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
/** Half a character: such text is not Unicode and cannot be stored or sent on. */
const loneSurrogate = /\p{Cs}/u;

export interface Fault {
  readonly message: string;
  readonly expected: string;
}

interface TextOptions {
  readonly max: number;
  readonly description: string;
  readonly example?: string;
  /** Line breaks and tabs are allowed. */
  readonly lines?: boolean;
  /** A further check of the trimmed text. */
  readonly check?: (text: string) => Fault | undefined;
}

/** Why text cannot be stored as it is. */
export function characterFault(text: string, lines = false): Fault | undefined {
  if ((lines ? controlButLines : control).test(text))
    return { message: 'has control characters', expected: 'text without control characters' };
  if (loneSurrogate.test(text))
    return { message: 'has half a surrogate pair', expected: 'valid Unicode text' };
  return undefined;
}

/** Text that is kept as it came, but for what Postgres cannot store. */
export const storable = (text: string): string => text.replace(/\0|\p{Cs}/gu, '\ufffd');

/** Text that must be there; trimmed, free of characters that cannot be stored. */
export function requiredText({ max, description, example, lines = false, check }: TextOptions) {
  return z
    .string()
    .trim()
    .min(1)
    .max(max)
    .superRefine((text, context) => {
      const fault = characterFault(text, lines) ?? check?.(text);
      if (fault)
        context.addIssue({ code: 'custom', message: fault.message, params: { expected: fault.expected } });
    })
    .meta({ description, ...(example === undefined ? {} : { example }) });
}

/** Text that may be missing; forms send empty fields and CRMs null, both mean the same. */
export function optionalText(options: TextOptions) {
  return z.preprocess(blankToAbsent, requiredText(options).optional()).optional();
}

/** Empty and blank text and null count as absent. */
export function blankToAbsent(value: unknown): unknown {
  return value === null || (typeof value === 'string' && value.trim() === '') ? undefined : value;
}
