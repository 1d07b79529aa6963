/** Which room may know which; docs/architecture.md says why. */
const room = (name) => (name.includes('/') ? `^${name}\\.ts$` : `^${name}/`);
const only = (name, allowed, comment, options = {}) => ({
  name: `${name}-knows-only`,
  comment,
  severity: 'error',
  from: { path: room(name), ...(options.except ? { pathNot: options.except } : {}) },
  to: {
    path: '^(domain|policy|workflows|activities|connectors|db|api|temporal|worker|services|config|bench)/',
    pathNot: allowed.map(room),
    ...(options.types ? { dependencyTypesNot: ['type-only'] } : {}),
  },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('domain', ['domain'], 'the pure core knows nobody'),
    {
      name: 'domain-libraries',
      comment:
        'luxon for zones in sla/, libphonenumber-js, tldts and transliteration for identifiers in identity/; nothing else',
      severity: 'error',
      from: { path: room('domain') },
      to: {
        dependencyTypes: ['npm'],
        pathNot: 'node_modules/(luxon|@types/luxon|libphonenumber-js|tldts|transliteration)/',
      },
    },
    only('policy', ['policy', 'domain'], 'a policy is text and facts; it decides, it does not act'),
    only('workflows', ['workflows', 'domain'], 'the process; activities are known by type', { types: true }),
    only(
      'activities',
      ['activities', 'domain', 'policy'],
      'effects through ports; never a connector or the database',
      { types: true },
    ),
    only('connectors', ['connectors', 'domain', 'activities/failures'], 'vendors behind the ports', {
      types: true,
    }),
    only('db', ['db', 'domain', 'policy'], 'Postgres behind the ports', { types: true }),
    only(
      'api',
      ['api', 'domain', 'policy', 'workflows', 'activities/failures'],
      'HTTP in, messages out; only main.ts wires',
      { types: true, except: '^api/main' },
    ),
    only(
      'temporal',
      ['temporal', 'domain', 'workflows', 'api/errors'],
      'Temporal behind the ports of api and activities',
      { types: true },
    ),
    { name: 'not-to-tests', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    {
      name: 'not-to-dev-dependencies',
      severity: 'error',
      from: {
        path: '^(domain|policy|workflows|activities|connectors|db|api|temporal|worker|services|config)/',
      },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|db/generated)' },
  },
};
