import { slips } from './text';

/** Providers that give anybody a mailbox: the domain says nothing about a company. */
export const freeMailDomains: ReadonlySet<string> = new Set(
  `gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.co.jp yahoo.co.in yahoo.com.br ymail.com
   hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.es hotmail.it outlook.com outlook.de outlook.fr live.com live.de msn.com
   icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de arcor.de mail.de posteo.de
   mailbox.org proton.me protonmail.com pm.me tutanota.com tuta.io fastmail.com zoho.com hey.com mail.com email.com
   orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tin.it alice.it bluewin.ch hispeed.ch
   telefonica.net terra.es sapo.pt wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz freemail.hu abv.bg
   mail.ru yandex.ru yandex.com bk.ru list.ru rambler.ru ukr.net qq.com 163.com 126.com sina.com foxmail.com naver.com daum.net hanmail.net
   rediffmail.com uol.com.br bol.com.br ig.com.br comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
   docomo.ne.jp ezweb.ne.jp softbank.ne.jp au.com nifty.com biglobe.ne.jp ocn.ne.jp so-net.ne.jp yahoo.com.cn sohu.com 139.com 189.cn aliyun.com yeah.net
   yahoo.com.mx yahoo.com.ar yahoo.com.au yahoo.ca yahoo.com.tr yahoo.pl yahoo.in yahoo.com.sg yahoo.com.hk yahoo.com.tw yahoo.co.id yahoo.com.vn yahoo.gr
   hotmail.nl hotmail.be hotmail.se hotmail.com.br hotmail.com.tr hotmail.com.ar hotmail.ca live.nl live.fr live.it live.co.uk live.com.mx live.se live.dk
   outlook.es outlook.it outlook.com.br outlook.pt outlook.jp rocketmail.com inbox.com gmx.fr gmx.es gmx.co.uk gmx.us online.de 1und1.de kabelmail.de unitybox.de
   vodafone.de chello.at aon.at kpnmail.nl ziggo.nl planet.nl xs4all.nl home.nl hetnet.nl upcmail.nl telenet.be skynet.be proximus.be
   telia.com bredband.net comhem.se spray.se telia.se online.no broadpark.no getmail.no tdcadsl.dk mail.dk post.tele.dk jubii.dk ofir.dk luukku.com elisanet.fi kolumbus.fi suomi24.fi
   neuf.fr bbox.fr club-internet.fr numericable.fr aliceadsl.fr tiscali.it inwind.it iol.it fastwebnet.it poste.it
   ya.com ono.com movistar.es telepolis.com clix.pt netcabo.pt mail.pt iol.pt terra.com.br globo.com oi.com.br r7.com zipmail.com.br terra.com
   gazeta.pl op.pl poczta.onet.pl tlen.pl poczta.fm vp.pl email.cz post.cz volny.cz atlas.cz azet.sk zoznam.sk centrum.sk citromail.hu freemail.com mailbox.hu t-online.hu
   mynet.com superonline.com ttmail.com inbox.lv inbox.ru internet.ru yandex.ua yandex.by i.ua meta.ua bigmir.net tut.by mail.bg otenet.gr forthnet.gr walla.co.il walla.com
   hanmir.com nate.com kakao.com dreamwiz.com pchome.com.tw hinet.net seed.net.tw netvigator.com singnet.com.sg indiatimes.com sify.com vsnl.net prodigy.net.mx
   optonline.net earthlink.net juno.com netzero.net roadrunner.com frontiernet.net windstream.net centurylink.net embarqmail.com mindspring.com aim.com pacbell.net snet.net
   virginmedia.com blueyonder.co.uk tiscali.co.uk o2.co.uk googlemail.co.uk yahoo.ie eircom.net iinet.net.au dodo.com.au tpg.com.au westnet.com.au vodafone.co.nz slingshot.co.nz
   videotron.ca telus.net bell.net eastlink.ca cogeco.ca duck.com skiff.com tutanota.de tuta.com runbox.com startmail.com mailfence.com hushmail.com riseup.net disroot.org btinternet.com sky.com talktalk.net ntlworld.com bigpond.com optusnet.com.au telstra.com xtra.co.nz shaw.ca rogers.com sympatico.ca`
    .split(/\s+/)
    .filter(Boolean),
);

/** A slip in the domain of a large provider: `outlok.com`, `gmail.con`. A weak sign, so only of the largest. */
export function isSlipOfFreeMail(domain: string): boolean {
  return largest.some(
    (provider) => domain !== provider && domain[0] === provider[0] && slips(domain, provider, 1) <= 1,
  );
}

const largest =
  `gmail.com yahoo.com hotmail.com outlook.com icloud.com googlemail.com t-online.de freenet.de comcast.net
  yahoo.de yahoo.fr yahoo.es yahoo.co.uk hotmail.fr hotmail.de hotmail.es outlook.fr outlook.es outlook.de orange.fr wanadoo.fr laposte.net
  protonmail.com libero.it interia.pl btinternet.com`.split(/\s+/);
