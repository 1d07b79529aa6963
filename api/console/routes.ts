import type { Request, Response } from 'express';
import { hasScope, missingScope, type KeyRing } from '../auth';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readForm } from '../form';
import { asPage, html, sendPage } from '../html';
import { check, type Api } from '../route';
import { releaseLead } from '../routes/lead-actions';
import { openErrorOf, openErrorsOf } from '../routes/operations';
import { LeadQuery, leadIdOf, unknownLead } from '../schemas/leads';
import { retryErrors } from '../webhooks/dead-letters';
import { csrfField, sendConsole } from './layout';
import { leadPage, leadsPage } from './lead-pages';
import { reviewRoutes } from './review-page';
import { policyPage, poolsPage, stuckPage } from './operations-pages';
import {
  endSession,
  isOwnForm,
  readSession,
  startSession,
  type Show,
  type Visitor,
  type Visits,
} from './session';
import { style } from './style';

/** Pages for operations: leads, stuck work, pools, policy. */
export function consoleRoutes(api: Api, deps: ApiDeps, keyRing: KeyRing): void {
  const { app } = api;
  app.get('/assets/style.css', (_req, res) => {
    res.setHeader('cache-control', 'public, max-age=3600');
    res.type('css').end(style);
  });
  app.get('/', (_req, res) => {
    res.redirect(302, '/console');
  });
  signInRoutes(api, deps, keyRing);
  const { page, action } = visits(deps, keyRing);
  leadRoutes(app, deps, { page, action });
  reviewRoutes(api, deps, { page, action });
  app.get('/console/stuck', page(showStuck(deps)));
  app.get('/console/pools', page(showPools(deps)));
  app.get('/console/policy', page(showPolicy(deps)));
  app.post(
    '/console/errors/retry',
    action(async (_visitor, form, _req, res) => {
      const retried = await retryErrors(deps, await openErrorsOf(deps.errors, form.get('fingerprint') ?? ''));
      res.redirect(303, `/console/stuck?retried=${String(retried)}`);
    }),
  );
  app.post(
    '/console/errors/:id/retry',
    action(async (_visitor, _form, req, res) => {
      const retried = await retryErrors(deps, [await openErrorOf(deps.errors, String(req.params['id']))]);
      res.redirect(303, `/console/stuck?retried=${String(retried)}`);
    }),
  );
}

/** Handlers for those who are signed in; others get the sign-in page. */
function visits(deps: ApiDeps, keyRing: KeyRing): Visits {
  const visitorOf = async (req: Request): Promise<Visitor | undefined> => {
    const session = readSession(deps.sessionKey, req, deps.clock.now());
    const caller = session && (await keyRing.byId(session.keyId));
    return session && caller && hasScope(caller, 'read') ? { session, caller } : undefined;
  };
  return {
    page: (show) =>
      asPage(async (req, res) => {
        const visitor = await visitorOf(req);
        if (visitor) await show(visitor, req, res);
        else signInPage(res, { status: 401, next: req.originalUrl });
      }),
    action: (act) =>
      asPage(async (req, res) => {
        const visitor = await visitorOf(req);
        if (!visitor) {
          signInPage(res, { status: 401 });
          return;
        }
        const form = await readForm(req);
        if (!isOwnForm(visitor.session, form))
          throw new ApiError('cross_site', 'Open the console again and repeat what you did.');
        if (!hasScope(visitor.caller, 'operate')) throw missingScope('operate');
        await act(visitor, form, req, res);
      }),
  };
}

function signInRoutes({ app, guard }: Api, deps: ApiDeps, keyRing: KeyRing): void {
  app.get('/console/login', (_req, res) => {
    signInPage(res, { status: 200 });
  });
  app.post(
    '/console/login',
    asPage(async (req, res) => {
      refuseForeign(req, deps.publicUrl());
      const form = await readForm(req);
      const next = ownPath(form.get('next'));
      const caller = await keyRing.find((form.get('key') ?? '').trim());
      if (!caller || !hasScope(caller, 'read')) {
        await guard.spendAddress(req, res);
        signInPage(res, {
          status: 401,
          next,
          wrong: caller ? 'This key may not read.' : 'This key is unknown or revoked.',
        });
        return;
      }
      startSession(deps.sessionKey, res, {
        keyId: caller.id,
        nowMs: deps.clock.now(),
        secure: deps.publicUrl().startsWith('https:'),
      });
      res.redirect(303, next);
    }),
  );
  app.post(
    '/console/logout',
    asPage(async (req, res) => {
      const session = readSession(deps.sessionKey, req, deps.clock.now());
      if (session && !isOwnForm(session, await readForm(req)))
        throw new ApiError('cross_site', 'Use the button on the page.');
      endSession(res);
      res.redirect(303, '/console/login');
    }),
  );
}

function signInPage(
  res: Response,
  page: { readonly status: number; readonly next?: string; readonly wrong?: string },
): void {
  const next = ownPath(page.next ?? null);
  const body = html`<h1>Sign in</h1>
    ${page.wrong !== undefined && html`<p class="bad">${page.wrong}</p>`}
    <form method="post" action="/console/login">
      <input type="hidden" name="next" value="${next}" />
      <label
        >API key with the scope <code>read</code> or <code>admin</code><br /><input
          type="password"
          name="key"
          size="44"
          autocomplete="current-password"
          autofocus
          required
      /></label>
      <button>Sign in</button>
    </form>
    <p class="quiet">
      Came here by a link from a message and are signed in already? <a href="${next}">Continue</a>.
    </p>`;
  sendPage(res, { status: page.status, title: 'Sign in', body });
}

/** A path of the console and nothing else, so that signing in never leads to another site. */
function ownPath(path: string | null): string {
  return path !== null &&
    /^\/console(?:\/[\w-]+)*(?:\?[\w=&%.-]*)?$/.test(path) &&
    !path.startsWith('/console/log')
    ? path
    : '/console';
}

/** A foreign page must not sign someone in as somebody else. */
function refuseForeign(req: Request, publicUrl: string): void {
  const { origin, host } = req.headers;
  if (origin === undefined) return;
  const from = URL.canParse(origin) ? new URL(origin).host : '';
  if (from !== host && from !== new URL(publicUrl).host)
    throw new ApiError('cross_site', 'Sign in on our own page.');
}

function leadRoutes(app: Api['app'], deps: ApiDeps, { page, action }: ReturnType<typeof visits>): void {
  app.get(
    '/console',
    page(async ({ session }, req, res) => {
      const given = Object.fromEntries(Object.entries(req.query).filter(([, value]) => value !== ''));
      const { status, owner, source, limit, startingAfter } = check(LeadQuery, given);
      const leads = await deps.leads.list({ status, owner, source, limit, startingAfter });
      sendConsole(res, session, {
        at: '/console',
        title: 'Leads',
        body: leadsPage(leads, { status, owner, source }, deps.clock.now()),
      });
    }),
  );
  app.get(
    '/console/leads/:leadId',
    page(async ({ session, caller }, req, res) => {
      const id = leadIdOf({ leadId: String(req.params['leadId']) });
      const [lead, person, explanation] = await Promise.all([
        deps.leads.view(id),
        deps.leads.person(id),
        deps.leads.explanation(id),
      ]);
      if (!lead) throw unknownLead();
      const release =
        lead.status === 'rejected' && hasScope(caller, 'operate')
          ? html`<form method="post" action="/console/leads/${id}/release">
              ${csrfField(session)}<button>Release: it is a lead</button>
            </form>`
          : undefined;
      sendConsole(res, session, {
        at: '',
        title: 'Lead',
        body: leadPage({ lead, person, explanation, release }, deps.clock.now()),
      });
    }),
  );
  app.post(
    '/console/leads/:leadId/release',
    action(async ({ caller }, _form, req, res) => {
      const id = leadIdOf({ leadId: String(req.params['leadId']) });
      await releaseLead(deps, id, { by: caller.name });
      res.redirect(303, `/console/leads/${id}`);
    }),
  );
}

function showStuck({ errors, leads, clock }: ApiDeps): Show {
  return async ({ session, caller }, req, res) => {
    const [groups, open, parked, books] = await Promise.all([
      errors.groups(),
      errors.list({ state: 'open', limit: 50 }),
      leads.list({ status: 'parked', limit: 50 }),
      leads.accounting(),
    ]);
    const { retried } = req.query;
    const view = {
      nowMs: clock.now(),
      mayRetry: hasScope(caller, 'operate'),
      retried: typeof retried === 'string' && /^\d{1,9}$/.test(retried) ? Number(retried) : undefined,
    };
    const body = stuckPage({ groups, errors: open.data, parked: parked.data, books }, session, view);
    sendConsole(res, session, { at: '/console/stuck', title: 'Stuck work', body });
  };
}

function showPools({ policies, pools, reps, clock }: ApiDeps): Show {
  return async ({ session }, _req, res) => {
    const live = await policies.live();
    const ids = Object.keys(live?.policy.pools ?? {});
    const shares = await Promise.all(
      ids.map(async (id) => [id, (await pools.ledger(id, { limit: 1 })).shares] as const),
    );
    const body = poolsPage(live?.policy, new Map(shares), await reps.states(), clock.now());
    sendConsole(res, session, { at: '/console/pools', title: 'Pools', body });
  };
}

function showPolicy({ policies }: ApiDeps): Show {
  return async ({ session }, req, res) => {
    const asked =
      typeof req.query['version'] === 'string' && /^[1-9]\d{0,8}$/.test(req.query['version'])
        ? Number(req.query['version'])
        : undefined;
    const version = asked ?? (await policies.live())?.version;
    const text = version === undefined ? undefined : await policies.text(version);
    const shown = version === undefined || text === undefined ? undefined : { version, text };
    sendConsole(res, session, {
      at: '/console/policy',
      title: 'Policy',
      body: policyPage(await policies.versions(), shown),
    });
  };
}
