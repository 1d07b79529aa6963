import { json } from '../fake-server';
import { bearerOf, startFakeVendor, type FakeVendor, type FakeVendorOptions } from '../crm/fake-vendor';

export interface FakeMeta extends FakeVendor {
  /** Answers of a form by leadgen id; what is not here is gone. */
  readonly leads: Map<string, Readonly<Record<string, string>>>;
}

/** The Graph API as far as leads are read from it. Errors have status 400 and say by code what they are, as Graph's do. */
export async function startFakeMeta(options: FakeVendorOptions = {}): Promise<FakeMeta> {
  const leads: FakeMeta['leads'] = new Map();
  const vendor = await startFakeVendor(
    {
      routes: [
        [
          'GET',
          /^\/v\d+\.0\/(\d+)$/,
          ({ params: [id = ''], request }) => {
            const answers = leads.get(id);
            if (!answers) return fault(100, 'Unsupported get request.', 33);
            const all = {
              id,
              created_time: '2026-11-24T09:00:00+0000',
              ad_id: '1',
              form_id: '2',
              platform: 'fb',
              field_data: Object.entries(answers).map(([name, value]) => ({ name, values: [value] })),
            };
            const wanted = (request.query.get('fields') ?? 'id').split(',');
            return json(
              200,
              Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name))),
            );
          },
        ],
      ],
      token: {
        path: '/v25.0/oauth/access_token',
        answer: (token) => ({ access_token: token, token_type: 'bearer' }),
      },
      credential: bearerOf,
      unauthorized: fault(190, 'Error validating access token: the session has been invalidated.', 460),
      busy: fault(80_005, 'There have been too many leads api calls for this Page account.'),
    },
    options,
  );
  return { ...vendor, leads };
}

function fault(code: number, message: string, subcode?: number) {
  const error = { message, type: 'OAuthException', code, error_subcode: subcode, fbtrace_id: 'AzB3' };
  return json(400, { error });
}
