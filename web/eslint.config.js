import tseslint from 'typescript-eslint';

export default tseslint.config({ ignores: ['dist/', 'client/dist/', 'node_modules/'] }, ...tseslint.configs.strict, {
  rules: {
    '@typescript-eslint/no-non-null-assertion': 'off',
    'no-restricted-globals': [
      'error',
      { name: 'parseFloat', message: 'Amounts stay strings: see src/format/decimal.ts.' },
    ],
  },
});
