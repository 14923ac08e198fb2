// Time zone abbreviations that input accepts: PostgreSQL's Default set, in minutes east of UTC. Those
// that PostgreSQL reads as daylight time are marked, since "dst" may be combined with the others.

const standard =
  'ACST 570,ACT -300,ACWST 525,AEST 600,AFT 270,AKST -540,ALMT 360,AMST 240,AMT -240,ANAST 720,ANAT 720,' +
  'ARST -180,ART -180,AST -240,AWST 480,AZOT -60,AZST 240,AZT 240,BDT 360,BNT 480,BORT 480,BOT -240,BRA -180,' +
  'BRT -180,BTT 360,CAST 570,CCT 480,CET 60,CHAST 765,CHUT 600,CKT -600,COT -300,CST -360,CXT 420,DAVT 420,' +
  'DDUT 600,EAT 180,EET 120,EGT -60,EST -300,FET 180,FJT 720,FKST -180,FKT -180,FNST -60,FNT -120,GALT -360,' +
  'GAMT -540,GEST 240,GET 240,GFT -180,GILT 720,GMT 0,GYT -240,HKT 480,HST -600,ICT 420,IOT 360,IRKST 480,' +
  'IRKT 480,IRT 210,IST 120,JAYT 540,JST 540,KGT 360,KOST 660,KRAST 420,KRAT 420,KST 540,LHST 630,LIGT 600,' +
  'LINT 840,LKT 330,MAGST 660,MAGT 660,MART -570,MAWT 300,MET 60,MEZ 60,MHT 720,MMT 390,MPT 600,MSK 180,' +
  'MST -420,MUT 240,MVT 300,MYT 480,NFT -210,NOVST 420,NOVT 420,NPT 345,NST -210,NUT -660,NZST 720,NZT 720,' +
  'OMSST 420,OMST 420,PET -300,PETST 720,PETT 720,PGT 600,PHT 480,PKT 300,PMST -180,PONT 660,PST -480,' +
  'PWT 540,PYT -180,RET 240,SAST 120,SCT 240,SGT 480,TAHT -600,TFT 300,TJT 300,TKT 780,TMT 300,TOT 780,' +
  'TRUT 600,TVT 720,UCT 0,ULAT 480,UT 0,UTC 0,UYT -180,UZT 300,VET -240,VLAST 600,VLAT 600,VOLT 180,VUT 660,' +
  'WAKT 720,WAT 60,WET 0,WFT 720,WGT -180,XJT 360,YAKST 540,YAKT 540,YAPT 600,YEKT 300,Z 0,ZULU 0';
const daylight =
  'ACDT 630,ACSST 630,ADT -180,AEDT 660,AESST 660,AKDT -480,ALMST 420,AWSST 540,AZOST 0,BDST 120,BRST -120,' +
  'BST 60,CADT 630,CDT -300,CEST 120,CETDST 120,CHADT 825,CLST -180,CLT -180,EASST -300,EAST -300,EDT -240,' +
  'EEST 180,EETDST 180,EGST 0,FJST 780,IDT 180,KDT 600,KGST 360,LHDT 660,MDT -360,MEST 120,MESZ 120,' +
  'METDST 120,MSD 240,MUST 300,NDT -150,NZDT 780,PDT -420,PKST 360,PMDT -120,PYST -180,ULAST 540,UYST -120,' +
  'UZST 360,WADT 480,WAST 120,WDT 540,WETDST 60,WGST -120,YEKST 360';

export interface Abbreviation {
  readonly offsetSeconds: number;
  readonly daylight: boolean;
}

/** By lower-case abbreviation. */
export const zoneAbbreviations: ReadonlyMap<string, Abbreviation> = new Map([
  ...entries(standard, false),
  ...entries(daylight, true),
]);

/** Abbreviations of zones for which Intl has none in the locales that zoneAbbreviation() asks. */
export const shownAbbreviations: ReadonlyMap<
  string,
  readonly [standard: string, daylight: string]
> = new Map([
  ['Asia/Tokyo', ['JST', 'JDT']],
  ['Asia/Seoul', ['KST', 'KDT']],
  ['Asia/Shanghai', ['CST', 'CDT']],
  ['Asia/Hong_Kong', ['HKT', 'HKST']],
  ['Asia/Taipei', ['CST', 'CDT']],
  ['Asia/Manila', ['PST', 'PDT']],
  ['Asia/Jakarta', ['WIB', 'WIB']],
  ['Asia/Karachi', ['PKT', 'PKST']],
  ['Asia/Jerusalem', ['IST', 'IDT']],
  ['Europe/Moscow', ['MSK', 'MSD']],
  ['Africa/Johannesburg', ['SAST', 'SAST']],
  ['Africa/Lagos', ['WAT', 'WAT']],
  ['Africa/Nairobi', ['EAT', 'EAT']],
  ['Africa/Cairo', ['EET', 'EEST']],
  ['Pacific/Auckland', ['NZST', 'NZDT']],
]);

function entries(list: string, isDaylight: boolean): [string, Abbreviation][] {
  return list.split(',').map((entry) => {
    const [name, minutes] = entry.split(' ');
    return [name.toLowerCase(), { offsetSeconds: Number(minutes) * 60, daylight: isDaylight }];
  });
}
