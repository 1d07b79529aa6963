/** Words that stand around a name and are none: titles, degrees, generations, particles. All folded. */

/** Titles and forms of address of many languages; from general knowledge. */
export const titles: ReadonlySet<string> = words(`
  mr mrs ms miss mx sir madam mister dr doctor prof professor rev hon lord lady capt col sgt lt
  herr frau hr fr herrn dipl ing ingenieur mag univ doz lic magister
  m mme mlle monsieur madame mademoiselle maitre pr
  senor senora senorita sr sra srta dra don dona ldo licda arq profa
  signor signora signorina sig dott dottore dottssa dottoressa avv geom rag arch
  senhor senhora eng exmo exma pan pani inz mgr hab mec
  mudr judr phdr rndr paeddr mvdr thdr pharmdr bc doc
  dhr mevr mw mevrouw meneer drs ir herra rouva fru froken
  bay bayan bey hanim sayin sri shri smt kumari gospodin gospozha
  dato datuk datin puan encik tuan ustaz sheikh`);

/** Of these, what is also somebody's first name: taken for a title only where a whole name is left. */
export const doubtfulTitles: ReadonlySet<string> = words(
  'don dona sri kumari bey pan bay mag ing eng ir lic hon hanim pr doc lord bc mec arch tuan',
);

/** What follows a title and is no name: `Dr. med.`, `Prof. Dr. rer. nat.`, `Dr. h. c. mult.`, `Dipl.-Kfm.` */
export const titleParts: ReadonlySet<string> = words(
  'med dent vet phil rer nat pol oec iur jur theol habil hc mult univ techn agr sc hum pharm ssa emer kfm kffr psych wirt inf volksw betriebsw',
);

/** Degrees and honours behind a name. */
export const degrees: ReadonlySet<string> = words(
  `phd mba md mdd msc bsc ma ba esq cpa pe llm llb jd mbe obe cbe rn dds dr mag ing csc drsc dis thd mph dba edd psyd dphil beng meng
   bcom mcom bed med fca fcca acca cfa pmp emba frcs mrcp dvm do`,
);

/** Of these and of the generations, what is also a name: taken for none only where a whole name is left. */
export const doubtfulSuffixes: ReadonlySet<string> = words(
  'ma ba pe ing mag do dis med bed esq jun sen ml st pai pere padre fils hijo filho',
);

export const generations: ReadonlyMap<string, 'jr' | 'sr'> = new Map([
  ...'jr jun junior jnr ii iii fils hijo filho ml'.split(' ').map((word) => [word, 'jr'] as const),
  ...'sr sen senior snr pere padre pai st'.split(' ').map((word) => [word, 'sr'] as const),
]);

export const particles: ReadonlySet<string> = words(
  'van von der den de del della di da do dos das du la las le les los el al y e i und zu zum zur af av ten ter op bin ibn ben bint vom',
);

/** Particles that are first names where they stand first: `Ben Smith`, `Al Gore`. */
export const givenParticles: ReadonlySet<string> = words('ben al del i e');

/** Before the name that somebody was born with. */
export const maidenWords: ReadonlySet<string> = words('geb geborene geborener nee rozena');

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''));
}
