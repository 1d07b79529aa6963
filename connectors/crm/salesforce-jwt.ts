import { sign, type KeyObject } from 'node:crypto';

export interface JwtBearer {
  /** Consumer key of the External Client App that has the certificate. */
  readonly clientId: string;
  /** User the app acts as. */
  readonly username: string;
  /** RSA key of that certificate. */
  readonly privateKey: KeyObject;
  /** `https://login.salesforce.com`, or `https://test.salesforce.com` for a sandbox. */
  readonly audience: string;
}

/** The most that Salesforce takes. */
const livesS = 180;

/**
 * Signs the assertion of the JWT bearer flow (RFC 7523), good for three minutes from `nowMs`.
 * @see https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_jwt_flow.htm
 */
export function jwtAssertion({ clientId, username, privateKey, audience }: JwtBearer, nowMs: number): string {
  const claims = { iss: clientId, sub: username, aud: audience, exp: Math.floor(nowMs / 1_000) + livesS };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part({ alg: 'RS256' })}.${part(claims)}`;
  return `${content}.${sign('RSA-SHA256', Buffer.from(content), privateKey).toString('base64url')}`;
}
