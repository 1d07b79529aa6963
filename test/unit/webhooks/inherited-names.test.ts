import { leadFromLabels } from '../../../api/webhooks/labels';
import { applyMapping } from '../../../api/webhooks/mapping';

test.each(['constructor', '__proto__', 'tostring'])(
  'the campaign parameter %p is one like any other',
  (name) => {
    const utm = Object.fromEntries([[name, 'spring']]);
    expect(leadFromLabels([[`utm_${name}`, 'spring']])).toEqual({ utm });
    expect(applyMapping({ [`utm.${name}`]: 'a' }, { a: 'spring' }).lead).toEqual({ utm });
  },
);
