import { defineConfig } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const nodeBuiltins = ['node:*', 'fs', 'crypto', 'path', 'os', 'http', 'https', 'net', 'child_process'];

export default defineConfig(
  { ignores: ['dist/', 'db/generated/', 'node_modules/', 'coverage/', '.data/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      // Ports and stores are closures; nothing here uses `this`.
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'config/env.ts reads the environment once' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'closed sets are unions or as-const objects' },
        { selector: 'ExportDefaultDeclaration', message: 'export by name' },
        {
          selector: "MemberExpression[property.name='$queryRawUnsafe']",
          message: 'raw SQL carries its values as parameters',
        },
      ],
    },
  },
  {
    // Composition roots and launchers hand the environment on.
    files: ['**/*main.ts', 'services/**/*.ts', 'bench/**/*.ts', 'test/**/*.ts', 'prisma.config.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['prisma.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: nodeBuiltins, message: 'workflow code is deterministic: no Node built-ins' },
            {
              group: ['**/activities/*', '**/db/*', '**/api/*', '**/connectors/*'],
              allowTypeImports: true,
              message: 'workflows know activities by type only',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-params': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Jest loads these by their default export.
    files: ['test/support/{start,stop}-servers.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  prettier,
);
