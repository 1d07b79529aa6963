import { fold, foldedWords } from './text';

/**
 * Legal forms and words that say what kind of body a company is, not which one; folded. Forms of more than 40 countries,
 * from general knowledge. Forms of several words are joined by a hyphen and matched word by word.
 */
const forms = `
  gmbh ag kg ohg ug gbr ek ev eg kgaa se mbh gmbh-co-kg ug-haftungsbeschrankt gesellschaft-mit-beschrankter-haftung
  aktiengesellschaft kommanditgesellschaft haftungsbeschrankt e-k e-v g-m-b-h a-g gesmbh ges-mbh eu ogh keg
  inc incorporated llc corp corporation co company ltd limited llp lp plc pllc pc pa l-l-c l-l-p p-l-c gp dba cic lllp
  pty pty-ltd nl proprietary
  sa sarl sas sasu eurl snc sci scop scea selarl gie earl societe-anonyme s-a s-a-r-l s-a-s sprl bvba srl scrl asbl
  sl slu sll sa-de-cv s-l s-l-u s-a-u sau srl-de-cv cv sociedad-limitada sociedad-anonima sociedad sc scp cb s-coop scl spa
  srls spa s-p-a s-r-l snc sas sapa societa-per-azioni s-s
  lda limitada unipessoal ltda eireli mei me epp s-a-r-l sgps
  bv nv vof cv bvba cvba vzw b-v n-v maatschap
  sp-z-o-o spzoo sp-zoo sp-z-oo spolka sp-k spk sp-j spj spolka-akcyjna psa s-k-a spolka-z-ograniczona-odpowiedzialnoscia
  sp-z-o sp-zo-o z-o-o zoo
  sro s-r-o as a-s spol-s-r-o spol kft rt zrt nyrt bt kkt ks vos spolecnost
  ab aktiebolag hb kb aps is i-s ivs as asa ans da enk ky oy oyj tmi ab-publ publ p-s ps
  doo d-o-o ad dd d-d jdoo eood ood ead et srl pfa oou
  ooo oao zao pao ao ip too tov pat prat uab ou oyu sia mb
  as a-s ltd-sti sti limited-sirketi anonim-sirketi sirketi san tic sanayi ticaret ve-ticaret
  kk k-k kabushiki-kaisha kabushiki gaisha kaisha yk godo gk pte sdn-bhd sdn bhd pt tbk cv
  co-ltd pvt private pvt-ltd opc jsc llc-fz fze fzco fz-llc wll saog saoc psc
  epe ae ike oe gmbh-und-co-kg und-co-kg and-co sucursal branch
  ehf hf sf ltee enr reg societe stiftung foundation verein genossenschaft
`;

const patterns: readonly (readonly string[])[] = forms
  .split(/\s+/)
  .filter((form) => form !== '')
  .map((form) => form.split('-').map(fold))
  .sort((a, b) => b.length - a.length);

/** Words that add nothing to which company is meant. */
const fillers: ReadonlySet<string> = new Set(
  'the and und y e et i en og och a an of de der die das la le les el il'.split(' '),
);

/** Words that name a part or the whole of a group; they tell little. */
const parts: ReadonlySet<string> = new Set(
  `group gruppe groupe grupo gruppo grupa holding holdings international intl global worldwide
   department dept abteilung division div team branch office hq headquarters niederlassung zentrale filiale sede`.split(
    /\s+/,
  ),
);

/** The folded words of a company's name without legal form, place in brackets and filler; never nothing for a name. */
export function companyCore(name: string): readonly string[] {
  const joined = name.replace(/[&+]/g, ' and ');
  const bare = foldedWords(joined.replace(/\(.*?\)|\[.*?\]|\s[-–|/]\s.*$/g, ' '));
  const words = bare.length > 0 ? bare : foldedWords(joined);
  const core = withoutForms(words).filter((word) => !fillers.has(word));
  const kept = core.filter((word) => !parts.has(word));
  return [kept, core, words].find((some) => some.length > 0) ?? [];
}

const isTrailing = (word: string): boolean => fillers.has(word) || parts.has(word);

/** Legal forms stand at the end, now and then at the beginning; never all of a name. */
function withoutForms(words: readonly string[]): readonly string[] {
  let rest = words;
  for (;;) {
    const form = patterns.find(
      (one) =>
        rest.length > one.length &&
        one.every((word, place) => rest[rest.length - one.length + place] === word),
    );
    const cut = form?.length ?? (rest.length > 1 && isTrailing(rest[rest.length - 1] ?? '') ? 1 : 0);
    if (cut === 0) break;
    rest = rest.slice(0, -cut);
  }
  const [first] = rest;
  return rest.length > 1 && first !== undefined && leadingForms.has(first) ? rest.slice(1) : rest;
}

const leadingForms: ReadonlySet<string> = new Set('ooo oao zao pao ao pt kk ip firma fa'.split(' '));
