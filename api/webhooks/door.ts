import { tokenFields, type GateSettings, type ShownAtDoor } from '../../domain/gate';
import { characterFault } from '../schemas/text';
import { textOf } from './json';
import { valueAt } from './mapping';

/** Longer tokens and addresses are none. */
const tokenMax = 8_192;
const clientMax = 100;

/**
 * What an event shows the gate besides the lead in it; undefined when that is nothing. Texts that are not what they
 * should be count as missing, so that no sender gets a refusal for what a robot typed.
 * @param data the event, or the body of `POST /v1/leads`
 */
export function shownAtDoor(
  gate: GateSettings | undefined,
  data: unknown,
  honeypot = false,
): ShownAtDoor | undefined {
  const { captcha, rate } = gate ?? {};
  const textAt = (path: string | undefined, max: number): string | undefined => {
    const text = path === undefined ? undefined : textOf(valueAt(data, path));
    return text !== undefined && text.length <= max && !characterFault(text) ? text : undefined;
  };
  const captchaToken = textAt(captcha && (captcha.tokenField ?? tokenFields[captcha.provider]), tokenMax);
  const client = textAt(rate?.clientField, clientMax);
  if (!honeypot && captchaToken === undefined && client === undefined) return undefined;
  return {
    ...(honeypot ? { honeypot } : {}),
    ...(captchaToken === undefined ? {} : { captchaToken }),
    ...(client === undefined ? {} : { client }),
  };
}
