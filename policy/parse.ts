import type { Policy } from '../domain/policy';
import { lintPolicy } from './lint';
import { normalise } from './normalise';
import type { Finding, Problem } from './problem';
import { referenceProblems } from './references';
import { policyDocument, type PolicyDocument } from './schema';
import { schemaProblems } from './schema-problems';
import { readSource } from './source';

export type { Finding, Problem } from './problem';

/** A policy that may be used, with what looks unintended; or everything that must be corrected first. */
export type ParsedPolicy =
  | {
      readonly ok: true;
      readonly policy: Policy;
      readonly findings: readonly Finding[];
      /** The document's own tests, run by `policy test`. */
      readonly tests: NonNullable<PolicyDocument['tests']>;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a policy document, YAML or JSON. Never throws for what is in the text. Problems come in the order of the
 * text and stage by stage (syntax, shape, references), because a later stage cannot be trusted after an earlier one.
 */
export function parsePolicy(text: string): ParsedPolicy {
  const read = readSource(text);
  if (!read.ok) return { ok: false, problems: read.problems };
  const { source } = read;
  const shaped = policyDocument.safeParse(source.value);
  if (!shaped.success) return { ok: false, problems: schemaProblems(shaped.error.issues, source) };
  const problems = referenceProblems(shaped.data, source);
  if (problems.length > 0) return { ok: false, problems };
  const policy = normalise(shaped.data);
  const findings = lintPolicy(policy, (path) => source.locate(path));
  return { ok: true, policy, findings, tests: shaped.data.tests ?? [] };
}
