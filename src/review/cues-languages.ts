// The decisive words of other languages: an invoice is an invoice. Few on purpose; where they point nowhere, the review
// says nothing rather than something wrong. Written without accents or with, both are found.

import type { Table } from './cues.ts'
import type { Form } from './cues-forms.ts'
import type { Subject } from './cues-subjects.ts'
import { fold } from './text.ts'

export const SUBJECTS_ELSEWHERE: Partial<Table<Subject>> = {
  money: [
    [
      4,
      `rechnung*, zahlung*, gutschrift*, mehrwertsteuer, ust, rückerstattung, erstattung, abgebucht, lastschrift*,
      kosten*, tarif*, preis*, angebot*, facture*, factur*, paiement*, remboursement*, rembourse*, avoir, tva,
      prelevement*, devis, cobro*, cobrad*, reembolso*, pago*, recibo*, iva, fattura*, fatture, fatturazion*,
      pagamento*, rimborso, addebit*, factuur, facturen, crediteren, fatura*, faturas, cobrar, cobranç*, estorno,
      boleto, faktur*, betaling*, terugbetaling, btw, płatno*, opłat*, naliczen*, zwrot*, счет*, оплат*, платеж*,
      возврат*, рахун*, рахунок, ödeme*, ucret*, fatura, iade, betalning*, buchhaltung, comptab*, contabil*,
      księgow*, бухгалтер*`,
    ],
  ],
  access: [
    [
      4,
      `passwort*, kennwort*, konto*, kontoname, anmeldung, anmelden, einloggen, zugang*, zugriff*, berechtigung*,
      einladung*, benutzer*, mot de passe, mon compte, compte, comptes, connexion au compte, identifiant*,
      invitation*, utilisateur*, contraseña*, cuenta, cuentas, usuario*, iniciar sesion, acceder, accedere, accesso,
      invitacion*, permiso*, senha*, conta, convite*, account*, utente, utenti, accedi, wachtwoord*, toegang*,
      gebruiker*, inloggen, uitnodig*, hasł*, konto, konta, logowan*, zalogowa*, uprawnien*, zaproszen*, парол*,
      учетн*, аккаунт*, войти, доступ*, пользовател*, приглаш*, обліков*, доступ, şifre*, parola*, hesab*, giriş*,
      davet*, lösenord, inloggning, kollegen hinzufügen`,
    ],
  ],
  product: [
    [
      4,
      `oberfläche, schaltfläche, knopf, seite im portal, dokumentation, tippfehler, webseite zeigt, bouton, interface,
      tableau de bord, documentation, page, formulaire, formulario, boton, botón, panel, tela, telas, painel,
      navegador, scherm, paneel, ekran, провайдер, provider terraform, vostro portale, votre console, pantalla,
      documentacion, pulsante, pannello, documentazione, knop, dokumentacj*, przycisk*, кнопк*, панел*, документац*,
      интерфейс*, düğme, panelden, panelde, sayfa*, botão, gibt 500, gibt 404, api`,
    ],
  ],
  cluster: [
    [
      3,
      `knoten*, dienst*, speicher*, netzwerk*, zertifikat*, noeud*, nœud*, certificat*, volumes, grappe, reseau,
      nodo*, clúster*, certificado*, red, servidor*, volúmenes, nodi, certificato, servizio, servizi, nós, serviços,
      węzeł, węzł*, klaster*, klastr*, certyfikat*, узел, узл*, под, поды, подов, кластер*, сертификат*, сервер*,
      вузол, вузл*, сайт*, düğüm*, küme*, sunucu*, knooppunt*, datenbank*, base de donnees, base de datos,
      banco de dados, baza danych, strona, serwis, website, webseite, unsere seite, notre site, nuestro sitio,
      nosso site, nostro sito, pod, pods, anwendung, programa, rechner, fichiers, dossier, сервис, приложени*, база,
      servers, noder, kluster, brandvägg, portar, serveurs, passerelle, équilibreur`,
    ],
  ],
  office: [
    [
      6,
      'parceria, parceiros, partenariat, partnerschaft, collaborazione, colaboración, danke, dank, merci beaucoup, obrigad, bewerbung, praktikum, candidature, certificazione, zertifizierung, certification iso, zertifikat iso, iso, rgpd, dsgvo, avv, auftragsverarbeit*',
    ],
  ],
}

export const FORMS_ELSEWHERE: Partial<Table<Form>> = {
  wish: [
    [
      4,
      `funktionswunsch, wünsch*, wäre ? schön|toll|hilfreich|gut|super|praktisch, könnten sie ?? anbieten,
      il serait ? utile|bien|pratique, ce serait ? bien|génial|pratique|utile, serait ? possible d,
      serait il possible, ajouter un, pourriez vous ajouter, könnte man, könntet ihr, podrían agregar,
      potreste aggiungere, sería ?? útil|bueno|genial|ideal|estupendo, estaría ? bien|genial, podrían añadir,
      sarebbe ? utile|bello|comodo|bello, seria ? útil|bom|ótimo|legal, zou ? fijn|handig|mooi, przydał*,
      byłoby ?? miło|dobrze|super, było by, хотелось бы, было бы, добавьте, olurdu, eklenebilir, eklerseniz,
      istiyoruz, vore ? bra, önskemål, хотілося б, було б`,
    ],
  ],
  how: [
    [
      4,
      `wie kann, wie können, wie richte, gibt es eine, comment faire, comment puis, comment peut, existe t il,
      y a t il, como puedo, cómo puedo, cómo se, como faço, come posso, come si, c'è un modo, è possibile, hoe kan,
      finns det, hur kan, vilka, jak mogę, jak można, czy można, czy jest, как можно, как настроить, подскажите,
      есть ли, nasıl, mümkün mü, як можна`,
    ],
  ],
  trouble: [
    [
      2,
      `funktioniert nicht, tut nichts, macht nichts, ohne funktion, geht nicht, gehen nicht, fehler*, kaputt,
      ausgefallen, nicht erreichbar, nicht mehr, antwortet nicht, antwortet, hängt, gesperrt, fehlgeschlagen,
      ne fonctionne|marche|répond|démarre, erreur*, impossible, bloqué*, en panne, expiré*, planté,
      no funciona|responde|arranca|carga, no puedo|podemos, se quedan, bloquead*, falla*, fallo*, errores, pierde,
      se borran, non funziona|risponde|riesco|riusciamo, errore*, bloccat*, não funciona|responde|consigo, erro,
      erros, errado, werkt niet, doet het niet, storing, fout*, nie działa*, nie mogę|możemy, błąd, błęd*, awari*,
      не работа*, не отвеча*, не может, не можем, не могу, не удается, ошибк*, завис*, упал*, çalışmıyor, hata*,
      açılmıyor, не працю*, помилк*, fungerar inte, carregando, nunca abre|carrega, girando, travad*, fora do ar,
      wolno, langsam*, lent, lente, lento, se para, se detiene, se reinicia, se cae, ne s'ouvre*|affiche,
      ouvrent plus, non accetta, non carica, medlo, медленно, yavaş, traag, skarżą, steht dann, steht, tot, down,
      bloquée*, à l'arrêt`,
    ],
  ],
  wrong: [
    [
      3,
      'falsch*, doppelt*, obwohl, trotzdem, incorrect*, perd, faux, equivocad*, sbagliat*, неверн*, неправильн*, podwójn*',
    ],
  ],
}

/** Scripts that write no spaces: a part of the text is enough. Folded as the texts are, which takes the dots of kana. */
const unspaced = (parts: string): RegExp => new RegExp(fold(parts), 'g')

export const UNSPACED: Partial<Record<Subject | Form, RegExp>> = {
  money: unspaced('請求|料金|支払|返金|領収|发票|發票|账单|付款|退款|费用|扣费|비용|청구|결제|환불|요금'),
  access: unspaced(
    'パスワード|ログイン|アカウント|招待|権限|密码|登录|账号|账户|邀请|权限|비밀번호|로그인|계정|초대|권한',
  ),
  product: unspaced(
    'ダッシュボード|画面|ボタン|コンソール|ドキュメント|フィルタ|検索|控制台|界面|按钮|页面|文档|乱码|命令行|대시보드|버튼|화면|콘솔|문서',
  ),
  cluster: unspaced(
    'クラスタ|ノード|サイト|エラーになり|サーバ|ネットワーク|ストレージ|ボリューム|証明書|集群|节点|容器|服务器|网络|存储|证书|클러스터|노드|서버|네트워크|인증서',
  ),
  wish: unspaced(
    'してほしい|いただけると|追加してくた|対応をお願い|要望|希望|建议|能否增加|能不能加|支持一下|추가해|기능 요청|있으면 좋',
  ),
  how: unspaced('方法を教え|教えてください|てしょうか|如何|怎么|请问|어떻게|방법'),
  trouble: unspaced(
    'できません|できない|動きません|起動しません|効かない|失敗|エラー|不能|无法|失败|报错|错误|打不开|안 됩니다|안됩니다|오류|에러|실패|않습니다',
  ),
}
