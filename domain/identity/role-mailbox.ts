/** Whether several people read a mailbox: `info@`, `info2@`, `vertrieb.nord@`; not `hr.mueller@`. @param local in lower case */
export function isRole(local: string): boolean {
  const [head = '', ...rest] = local.split(/[.\-_\d]+/).filter((word) => word !== '');
  return (
    roles.has(head) || (weakRoles.has(head) && rest.every((word) => roles.has(word) || weakRoles.has(word)))
  );
}

/** Also forms of address, first names or surnames: a role only where no other word follows. */
const weakRoles: ReadonlySet<string> = words(
  'hr it mail post hi pr rh ik personal media press shop store web dev general handel',
);

/** Who reads it, in many languages; from general knowledge. */
const roles: ReadonlySet<string> = words(`
  info infos information office contact kontakt contacts hello hallo hola bonjour team mailbox
  sales support service services customerservice customercare helpdesk servicedesk help admin administrator administration
  billing account accounts accounting accountspayable payable invoice invoices finance legal compliance privacy security abuse
  purchasing procurement orders order booking bookings reservation reservations marketing jobs job career careers recruiting recruitment
  reception frontdesk welcome enquiries enquiry inquiry inquiries feedback newsletter partners partnerships events training operations
  noreply webmaster postmaster hostmaster root sysadmin management secretary webshop website tech technical
  vertrieb verkauf hilfe buchhaltung rechnung rechnungen einkauf presse karriere bewerbung empfang zentrale sekretariat kundenservice
  kundendienst anfrage anfragen bestellung bestellungen auftrag datenschutz verwaltung personalabteilung geschaeftsleitung
  geschaeftsfuehrung technik buero kanzlei praxis redaktion kundenbetreuung reservierung werkstatt
  accueil commercial comptabilite compta achats recrutement secretariat direction serviceclient devis commande commandes agence courrier
  ventas comercial contacto administracion atencion atencionalcliente clientes recepcion compras facturacion rrhh secretaria pedidos
  oficina soporte tienda
  contato geral vendas financeiro atendimento suporte sac ouvidoria recepcao escritorio faturamento loja orcamento
  contatti vendite ufficio amministrazione segreteria acquisti ordini assistenza commerciale preventivi negozio
  verkoop inkoop klantenservice receptie administratie boekhouding kantoor planning facturen bestellingen
  biuro sprzedaz ksiegowosc administracja rekrutacja kadry oferty zamowienia zapytania sklep serwis sekretariat kancelaria
  obchod obchodni prodej podpora servis recepce objednavky fakturace uctarna kancelar predaj objednavka
  kundservice kundtjanst kontor kontoret firmapost salg resepsjon bestilling faktura ordre kundeservice myynti asiakaspalvelu toimisto
  laskutus tilaukset bokning forsaljning
  iroda ertekesites ugyfelszolgalat titkarsag rendeles kapcsolat vanzari comenzi prodaja podrska narudzbe office prodazba
  iletisim bilgi satis destek muhasebe siparis musteri
  zakaz zakazy prodazhi ofis otdel buh buhgalteria sekretar priemnaya
`);

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''));
}
