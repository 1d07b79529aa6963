import { companyCore } from '../../../domain/identity/company-name';

test.each([
  ['Schulz Bau GmbH & Co. KG', 'schulz bau'],
  ['Mende Maschinenbau gesellschaft mit beschränkter Haftung', 'mende maschinenbau'],
  ['Idomatic Sp. z o.o.', 'idomatic'],
  ['Unizon Energía S.L.U.', 'unizon energia'],
  ['Dynadyn A.Ş.', 'dynadyn'],
  ['Takahashi Kogyo Co., Ltd.', 'takahashi kogyo'],
  ['Chung + Johnson LP Holding', 'chung johnson'],
  ['Mayer Energie (München)', 'mayer energie'],
  ['The Acme Group', 'acme'],
  ['GmbH', 'gmbh'],
  ['Plan A', 'plan a'],
  ['Vitamin E AG', 'vitamin e'],
  ['C&A', 'c a'],
  ['A & O Hotels GmbH', 'a o hotels'],
  ['Joyas y Más S.L.', 'joyas mas'],
  ['SAS Institute', 'sas institute'],
  ['Acme Mfg. Co.', 'acme manufacturing'],
  ['Warner Bros', 'warner brothers'],
  ['Acme Svcs Mgmt LLC', 'acme services management'],
])('the core of %p is %p', (typed, core) => {
  expect(companyCore(typed).join(' ')).toBe(core);
});

test.each([
  ['SIA Partners', '', 'sia partners'],
  ['Sia Partners Group', 'FR', 'sia partners'],
  ['SIA Partners', 'LV', 'partners'],
  ['SIA Latvijas Finieris', '', 'latvijas finieris'],
  ['SIA "Latvijas Gāze"', 'DE', 'latvijas gaze'],
  ['UAB Medicine', 'US', 'uab medicine'],
  ['UAB Girteka Logistics', 'LT', 'girteka logistics'],
  ['PT Astra International', 'ID', 'astra'],
])('the core of %p from %p is %p: a legal form stands before a name', (typed, country, core) => {
  expect(companyCore(typed, country).join(' ')).toBe(core);
});

test.each([
  [
    'Germany',
    'Nordwind GmbH|Nordwind AG|Nordwind gGmbH|Nordwind UG (haftungsbeschränkt)|Nordwind e.K.|Nordwind KGaA|Nordwind e.V.',
  ],
  ['Austria', 'Nordwind Ges.m.b.H.|Nordwind GesmbH|Nordwind OG'],
  ['Switzerland', 'Nordwind Sagl|Nordwind AG'],
  ['United States', 'Nordwind Inc.|Nordwind, LLC|Nordwind L.L.C.|Nordwind Corp.|Nordwind P.C.'],
  ['United Kingdom', 'Nordwind Ltd|Nordwind Limited|Nordwind PLC|Nordwind L.L.P.'],
  ['Ireland', 'Nordwind Teoranta|Nordwind DAC'],
  ['Canada', 'Nordwind Ltée|Nordwind Inc.'],
  ['Australia', 'Nordwind Pty Ltd|Nordwind Pty. Ltd.'],
  ['India', 'Nordwind Pvt. Ltd.|Nordwind Private Limited'],
  ['France', 'Nordwind S.A.R.L.|SARL Nordwind|Nordwind SAS|Nordwind S.A.|EURL Nordwind'],
  ['Belgium', 'Nordwind BVBA|Nordwind S.P.R.L.|Nordwind VZW'],
  ['Netherlands', 'Nordwind B.V.|Nordwind N.V.|Nordwind C.V.|Stichting Nordwind|Nordwind V.O.F.'],
  ['Spain', 'Nordwind S.L.|Nordwind S.A.U.|Nordwind Sociedad Limitada'],
  ['Portugal', 'Nordwind Lda.|Nordwind Unipessoal Lda|Nordwind SGPS'],
  ['Brazil', 'Nordwind Ltda.|Nordwind EIRELI'],
  ['Mexico', 'Nordwind S.A. de C.V.|Nordwind SA de CV|Nordwind S. de R.L. de C.V.'],
  ['Peru', 'Nordwind S.A.C.|Nordwind E.I.R.L.'],
  ['Italy', 'Nordwind S.r.l.|Nordwind S.p.A.|Nordwind S.n.c.|Nordwind S.a.s.'],
  ['Poland', 'Nordwind Sp. z o.o.|Nordwind sp. z o. o.|Nordwind S.A.|Nordwind Sp.k.'],
  ['Czech Republic', 'Nordwind s.r.o.|Nordwind a.s.|Nordwind k.s.|Nordwind v.o.s.|Nordwind, spol. s r.o.'],
  ['Slovakia', 'Nordwind s. r. o.'],
  ['Hungary', 'Nordwind Kft.|Nordwind Zrt.|Nordwind Bt.'],
  ['Romania', 'Nordwind S.R.L.|Nordwind PFA'],
  ['Bulgaria', 'Nordwind EOOD|Нордвинд ООД'],
  ['Serbia', 'Nordwind d.o.o.|Nordwind a.d.'],
  ['Croatia', 'Nordwind j.d.o.o.|Nordwind d.d.'],
  ['Ukraine', 'ТОВ Нордвинд|ТОВ «Нордвинд»'],
  ['Russia', 'ООО Нордвинд|АО «Нордвинд»'],
  ['Estonia', 'OÜ Nordwind|Nordwind OÜ'],
  ['Latvia', 'SIA Nordwind'],
  ['Lithuania', 'UAB Nordwind'],
  ['Sweden', 'Nordwind AB|Nordwind AB (publ)'],
  ['Norway', 'Nordwind AS|Nordwind ASA'],
  ['Denmark', 'Nordwind ApS|Nordwind A/S'],
  ['Finland', 'Nordwind Oy|Nordwind Oyj'],
  ['Iceland', 'Nordwind ehf.'],
  ['Greece', 'Nordwind A.E.|Nordwind AE|Nordwind E.Π.E.'],
  [
    'Turkey',
    'Nordwind A.Ş.|Nordwind Ltd. Şti.|Nordwind San. ve Tic. Ltd. Şti.|Nordwind Sanayi ve Ticaret A.Ş.',
  ],
  ['Japan', '株式会社Nordwind|Nordwind株式会社|㈱Nordwind|Nordwind K.K.|有限会社Nordwind'],
  ['China', 'Nordwind有限公司|Nordwind Co., Ltd.|Nordwind股份有限公司'],
  ['Korea', '주식회사 Nordwind|㈜Nordwind'],
  ['Singapore', 'Nordwind Pte. Ltd.'],
  ['Malaysia', 'Nordwind Sdn. Bhd.|Nordwind Berhad'],
  ['Indonesia', 'PT Nordwind|PT. Nordwind Tbk'],
  ['Vietnam', 'Công ty TNHH Nordwind|Nordwind JSC'],
  ['Emirates', 'Nordwind FZE|Nordwind W.L.L.'],
  ['Israel', 'Nordwind בע"מ'],
  ['South Africa', 'Nordwind (Pty) Ltd|Nordwind CC'],
])('legal forms of %s say nothing of which company it is', (_country, names) => {
  const cores = names.split('|').map((name) => companyCore(name).join(' '));
  expect(cores).toEqual(cores.map(() => expect.stringMatching(/^nord[wv]ind$/)));
});
