import { compare } from '../domain/identity/compare';
import { defaultModel, type Census } from '../domain/identity/model';
import { traitsOf } from '../domain/identity/traits';
import { weigh, type Reason } from '../domain/identity/weigh';

/** The pair of docs/identity.md: a slip in the name, a private mailbox, the same company and mobile number. */
export const pair = {
  known: {
    firstName: 'Johanna',
    lastName: 'Lindqvist',
    email: 'johanna.lindqvist@nordkap-logistik.example',
    phone: '+46 70 123 45 67',
    company: 'Nordkap Logistik AB',
    city: 'Göteborg',
  },
  lead: {
    firstName: 'Hanna',
    lastName: 'Lindkvist',
    email: 'hanna.l88@gmail.com',
    phone: '070-123 45 67',
    company: 'Nordkap Logistik',
    city: 'Gothenburg',
    country: 'SE',
  },
} as const;

/** What each fact of that pair adds, with the defaults, in an instance that knows 5,000 people. */
export function weighedPair(): readonly Reason[] {
  const census: Census = { people: 5_000, bearers: () => 1 };
  const lead = traitsOf(pair.lead);
  return weigh(compare(lead, [traitsOf(pair.known)]), lead, defaultModel, census).reasons;
}

const names: Readonly<Record<Reason['fact'], string>> = {
  prior: 'any two of 5,000 people',
  together: 'names go together',
  given: 'given name',
  family: 'family name',
  mailbox: 'mailbox',
  phone: 'phone',
  firm: 'company',
  address: 'address',
  title: 'job title',
  birth: 'date of birth',
  external: 'foreign id',
  generation: 'senior, junior',
};

const [width, left, row, unit] = [760, 330, 30, 14] as const;

/** A bar to the right for what speaks for one person, to the left for what speaks against; the last one is the sum. */
export function pairPicture(reasons: readonly Reason[]): string {
  const total = reasons.reduce((sum, { bits }) => sum + bits, 0);
  const rows = [
    ...reasons.map(({ fact, level, bits }) => ({ name: `${names[fact]}: ${level}`, bits })),
    { name: 'sum', bits: total },
  ];
  const height = rows.length * row + 60;
  const bars = rows.map(({ name, bits }, place) => bar(name, bits, 20 + place * row));
  const accept = left + 150 + defaultModel.acceptBits * unit;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="14">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${bars.join('\n')}
<line x1="${left + 150}" y1="10" x2="${left + 150}" y2="${height - 40}" stroke="#555555"/>
<line x1="${accept}" y1="10" x2="${accept}" y2="${height - 40}" stroke="#1a7f37" stroke-dasharray="4 3"/>
<text x="${accept}" y="${height - 20}" fill="#1a7f37" text-anchor="middle">merged from ${defaultModel.acceptBits} bits</text>
</svg>
`;
}

function bar(name: string, bits: number, y: number): string {
  const clipped = Math.max(-10.5, Math.min(18, bits));
  const x = left + 150 + Math.min(0, clipped) * unit;
  const fill = name === 'sum' ? '#24292f' : bits < 0 ? '#cf222e' : '#0969da';
  return `<text x="${left - 10}" y="${y + 15}" text-anchor="end">${name}</text><rect x="${x.toFixed(1)}" y="${y}" width="${(Math.abs(clipped) * unit).toFixed(1)}" height="20" fill="${fill}"/><text x="${width - 10}" y="${y + 15}" text-anchor="end">${bits > 0 ? '+' : ''}${bits.toFixed(1)}</text>`;
}
