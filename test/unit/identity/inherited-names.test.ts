import { keysOf } from '../../../domain/identity/keys';
import { traitsOf } from '../../../domain/identity/traits';

const inherited = Object.getOwnPropertyNames(Object.prototype);

test.each(inherited)('a lead that says %p everywhere is identified like any other', (word) => {
  const fields = {
    firstName: word,
    lastName: `Smith ${word}`,
    email: `${word}@${word}.example`,
    phone: word,
    company: `Smith ${word}`,
    website: word,
    street: word,
    city: word,
    state: word,
    country: word,
    postalCode: word,
    title: word,
  };
  const traits = traitsOf(fields);
  expect(traits.name?.generation).toBeUndefined();
  expect(keysOf(traits).find.every((key) => typeof key === 'string' && !key.includes('native code'))).toBe(
    true,
  );
});
