import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** AES-256-GCM with a fresh nonce: nonce (12 bytes), tag (16), ciphertext. `key` is 32 bytes. */
export function seal(key: Buffer, plain: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** @throws Error when the key is another one or a byte was changed. */
export function unseal(key: Buffer, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(12, 28));
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
}

/** What people write in words, wherever a message to a run has it: anybody's name may be in it. */
export interface FreeTexts {
  readonly reason?: string;
  readonly by?: string;
}

const mark = 'sealed.1.';

/** A text sealed for a message to a run, whose history cannot be edited. */
export const sealText = (key: Buffer, text: string): string =>
  `${mark}${seal(key, Buffer.from(text)).toString('base64')}`;

/** The input of a step with its texts as they were written; one that was not sealed with this key is taken as it is. */
export function openTexts<T extends FreeTexts>(key: Buffer, input: T): T {
  const { reason, by } = input;
  return {
    ...input,
    ...(reason === undefined ? {} : { reason: opened(key, reason) }),
    ...(by === undefined ? {} : { by: opened(key, by) }),
  };
}

function opened(key: Buffer, text: string): string {
  if (!text.startsWith(mark)) return text;
  try {
    return unseal(key, Buffer.from(text.slice(mark.length), 'base64')).toString();
  } catch {
    // Somebody wrote the mark himself, or the key was changed: no reason to stop the lead.
    return text;
  }
}
