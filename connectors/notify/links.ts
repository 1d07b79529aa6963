import type { Notification } from '../../activities/ports-vendors';

/** Words on the buttons, in the order a rep reads them. */
const labels = {
  open: 'Open lead',
  claim: 'Claim',
  decline: 'Decline',
  snooze: 'Snooze',
  reassign: 'Reassign',
} as const satisfies Record<keyof Notification['links'], string>;

export interface LinkButton {
  readonly name: keyof Notification['links'];
  readonly label: string;
  readonly url: string;
}

/** The links of a notification as buttons; anything that is not a web address is left out. */
export function buttonsOf(links: Notification['links']): readonly LinkButton[] {
  return (Object.keys(labels) as (keyof Notification['links'])[]).flatMap((name) => {
    const url = links[name];
    return url !== undefined && isWebAddress(url) ? [{ name, label: labels[name], url }] : [];
  });
}

export const isWebAddress = (url: string): boolean => /^https?:\/\//.test(url);
