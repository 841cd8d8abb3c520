/** English words that names of tables and columns are built from. */
import type { Concept } from '../lexicon.js';

const list = (text: string): string[] => text.trim().split(/\s+/);

/** The qualities that adjectives measure; first the words that measure directly, then those that run the other way. */
export const CONCEPTS: ReadonlyMap<string, Concept> = new Map([
  [
    'place',
    {
      columns: ['location', 'city', 'place', 'address', 'venue', 'town', 'country', 'state', 'region', 'site'],
      inverse: [],
    },
  ],
  [
    'age',
    {
      columns: ['age'],
      inverse: [
        'birth',
        'birthdate',
        'birthday',
        'dob',
        'born',
        'founded',
        'opened',
        'built',
        'established',
        'year',
        'date',
      ],
    },
  ],
  ['weight', { columns: ['weight', 'mass', 'tonnage'], inverse: [] }],
  [
    'length',
    {
      columns: ['length', 'duration', 'runtime', 'distance', 'minute', 'second', 'millisecond', 'time', 'height'],
      inverse: [],
    },
  ],
  ['height', { columns: ['height', 'elevation', 'altitude', 'size'], inverse: [] }],
  [
    'price',
    { columns: ['price', 'cost', 'fare', 'fee', 'charge', 'amount', 'total', 'rate', 'salary', 'value'], inverse: [] },
  ],
  [
    'time',
    { columns: ['date', 'time', 'year', 'timestamp', 'created', 'updated', 'day', 'month', 'season'], inverse: [] },
  ],
  [
    'wealth',
    { columns: ['wealth', 'worth', 'income', 'salary', 'revenue', 'gdp', 'money', 'balance', 'million'], inverse: [] },
  ],
  ['speed', { columns: ['speed', 'velocity', 'mph', 'acceleration'], inverse: ['duration', 'time', 'second'] }],
  ['population', { columns: ['population', 'inhabitant'], inverse: [] }],
  ['temperature', { columns: ['temperature', 'temp'], inverse: [] }],
  ['rain', { columns: ['precipitation', 'rain', 'rainfall'], inverse: [] }],
  ['wind', { columns: ['wind'], inverse: [] }],
  ['size', { columns: ['size', 'area', 'capacity', 'population', 'amount', 'total', 'surface'], inverse: [] }],
]);

/** Each line is a group of words that may stand for one another in a name. */
const SYNONYM_GROUPS = `
country nation nationality citizen citizenship land
city town municipality
state province
state nation country
region area territory zone district
location place site venue position
address residence
stadium arena venue
street road
person people individual human
employee staff worker personnel
customer client buyer consumer shopper patron purchaser
user member account
student pupil learner
teacher instructor tutor lecturer educator professor
author writer
director filmmaker
artist musician performer
singer vocalist musician
band group ensemble
conductor leader
manager boss supervisor head chief
owner holder proprietor
doctor physician
patient case
company firm business enterprise corporation organization organisation
maker manufacturer producer brand make
department division unit
supplier vendor provider
seller salesperson merchant
order purchase
sale selling
product item article good merchandise
goods merchandise product
invoice bill
payment transaction
price cost fare fee charge
amount total sum value
revenue sale turnover total amount
spending amount total
spend amount total
quantity number count volume
quantity unit
salary wage pay earnings compensation
revenue income turnover sales takings
profit margin gain
wealth worth fortune
money cash
budget fund
discount reduction rebate
tax duty vat
name title label
title heading
description summary detail
comment remark note
kind type category class genre sort
category group
type variety breed
status state condition
code abbreviation acronym symbol
id identifier key
date day time
year time
duration length runtime millisecond
age old
birthday birth birthdate
gender sex
weight mass weigh
height tall elevation altitude
size dimension
speed velocity
temperature heat
capacity seat
population inhabitant
score point grade mark rating
rating score review star
rank position ranking place
result outcome
vote ballot
language tongue
film movie
song track tune
album record
show programme program performance
episode installment
cartoon animation
tv television
channel station network
series serial
car automobile vehicle auto
plane aircraft airplane
ship vessel boat
train railway
trip journey travel ride
flight plane
airport airfield
airline carrier
hotel accommodation
house home property residence
building structure
room chamber
apartment flat unit
school college
university college
course class lesson module subject
exam test
degree qualification
book volume
paper publication article
document file paper
paragraph passage section
template pattern
picture image photo
phone telephone mobile
email mail
website homepage url site
pet animal
dog puppy
cat kitten
battle fight combat war
injured wounded hurt injury
killed dead death
death casualty fatality
match game contest competition
player athlete
team club squad
season campaign
winner champion
coach trainer
injury wound
contestant participant candidate competitor
attendance audience visitor
store shop outlet branch
warehouse depot
restaurant eatery diner
food dish meal
dish menu
drug medicine medication
treatment therapy
bank branch
loan credit
account profile
event occasion
concert gig performance
contract agreement
policy plan
claim demand
theme topic subject
topic theme
hometown origin
major specialization
advisor mentor
horsepower power
displacement engine
model version
acceleration accelerate
nationality citizenship citizen
feature characteristic attribute
shipment delivery
freight shipping
arrival destination
departure origin source
begin start
end finish
first given
last family sur
surname lastname
template layout format
paragraph text
description text content
content subject
pet species
edition version issue
series edition
genre music style
style type category
musical show play
orchestra symphony ensemble
conductor maestro
performance concert recital
audience attendee spectator viewer
attendance turnout
founder creator
founded established created
opened launched
duration time period
date period
period time range
year date
share portion part percentage
rating evaluation
official authority
weekly week
capacity size
hall auditorium
course curriculum program
teacher coach trainer
subject discipline field
hometown birthplace
grade class level
score result
enrollment admission
scholarship grant
vote poll
candidate nominee
election ballot
area zone
code number
phone contact
feature amenity facility
property estate
apartment unit
house home villa
owner landlord
tenant renter
rent lease
price value
amount quantity
amount sum
quantity amount
income earnings
salary income
cost expense expenditure
discount deduction
stock inventory
inventory supply
brand label
shop retailer
store market
vendor merchant
customer guest
guest visitor
patient client
nurse caregiver
hospital clinic
medicine pill
disease illness sickness
symptom sign
flight departure
aircraft jet
airport terminal
pilot captain
passenger traveler traveller rider
driver chauffeur
vehicle truck
engine motor
fuel gasoline petrol gas
speed pace
distance mileage
route path way
stop station
track lane
coach carriage
crew staff
port harbor harbour
mountain peak summit
river stream
lake pond
sea ocean
capital metropolis
continent landmass
island isle
border boundary
language dialect
religion faith
currency money
president leader
governor head
party faction
law rule regulation
crime offense offence
police officer
prison jail
judge justice
court tribunal
lawyer attorney
army military
soldier troop
weapon gun
author novelist
novel book
publisher press
magazine journal periodical
newspaper paper
chapter section
page sheet
editor reviewer
article story
library archive
museum gallery
painting artwork picture
sculpture statue
photo photograph
actor actress performer
director producer
scene clip
award prize honor honour
winner victor
loser runner
sport game
tournament championship cup
stadium field ground
goal target
injury harm
club association
member participant
group party
meeting conference
session class
schedule timetable calendar
task job assignment
project initiative
job position occupation profession
skill ability
experience background
manager director
leader head
company employer
department section
branch office
factory plant
machine device equipment
tool instrument
part component
material substance
color colour
shape form
weight load
height stature
width breadth
depth deepness
volume loudness
size extent
limit maximum
start opening
end closing
arrival landing
request application
response reply answer
question query
problem issue
error fault
reason cause
result effect
change difference
increase growth
decrease decline
total overall
id number
identifier code
password passcode
message text
email mail address
link url
file attachment
image photo
video clip
device gadget
computer pc
software program application app
version release
server host
network web
site place
login signin
user customer
subscription membership
plan tier
trial test
campaign promotion
ad advertisement advert
click hit
visit session
lead prospect
deal opportunity
ticket case
agent representative rep
channel medium
source origin
destination target
warehouse storage
carrier shipper
package parcel
box carton
cat kitty kitten
dog puppy hound
horse pony
bird fowl
fish seafood
cow cattle
plant flower
tree wood
fruit produce
vegetable veggie
bread bakery
drink beverage
coffee espresso
wine liquor alcohol
dessert sweet
chef cook
waiter server
table desk
kitchen cuisine
cuisine food
firstname forename
`;

export const SYNONYMS: ReadonlyMap<string, ReadonlySet<string>> = (() => {
  const synonyms = new Map<string, Set<string>>();
  for (const line of SYNONYM_GROUPS.trim().split('\n')) {
    const group = line.trim().split(' ');
    for (const word of group) {
      const known = synonyms.get(word) ?? new Set<string>();
      for (const other of group) if (other !== word) known.add(other);
      synonyms.set(word, known);
    }
  }
  return synonyms;
})();

export const ABBREVIATIONS: ReadonlyMap<string, string> = new Map(
  `qty quantity|amt amount|num number|nbr number|cnt count|addr address|desc description|fname first name|lname last name|
  dob birth date|yr year|mth month|cust customer|emp employee|dept department|prod product|cat category|avg average|pct percent|perc percent|tel telephone|
  mgr manager|acct account|inv invoice|tx transaction|txn transaction|trans transaction|curr currency|ccy currency|lat latitude|lng longitude|lon longitude|
  long longitude|temp temperature|precip precipitation|max maximum|min minimum|org organization|univ university|stu student|msg message|img image|ref reference|
  dt date|ts timestamp|src source|dst destination|dest destination|orig origin|pop population|gov government|govt government|st state|ave average|
  tot total|bal balance|pmt payment|pymt payment|sal salary|comm commission|sup supplier|cont continent|lang language|loc location|hrs hour|
  mins minute|secs second|sec second|ms millisecond|ht height|wt weight|len length|vol volume|pub publication|auth author|conf conference|res result|reg region|
  mpg mile gallon|mph speed|hp horsepower|cyl cylinder|fk foreign|pk primary|pos position|rev revenue|exp expense|prev previous|
  tz timezone|info information|spec specification|stat status|mfr manufacturer|mfg manufacturer|mkt market|disc discount|ord order|ship shipping`
    .replace(/\s*\n\s*/g, '')
    .split('|')
    .map((entry): [string, string] => {
      const space = entry.indexOf(' ');
      return [entry.slice(0, space), entry.slice(space + 1)];
    }),
);

export const NAME_WORDS: ReadonlySet<string> = new Set([
  ...SYNONYMS.keys(),
  ...ABBREVIATIONS.keys(),
  ...list(`
  id name date time day week month quarter year type code number count total amount price cost status state city country region postal zip phone email
  address line first last middle full birth join joined created updated deleted start end open close opening closing high low volume value rate ratio percent
  average minimum maximum sum unit units stock level order orders item items product category customer employee supplier shipper shipping ship shipped required
  delivery delivered payment paid due balance credit debit account bank branch card transaction currency exchange symbol ticker share shares commission tax
  settlement text string flag active is has num key value index rank score point points grade level size weight height length width depth color colour brand model make
  maker year version title description comment note url link image file path user login password role group team player match game season home away
  winner loser result vote votes voter area latitude longitude airport airline flight departure arrival source destination origin distance duration
  speed capacity seat seats room rooms floor building house street road county district continent population language nation official
  life expectancy capital government head surface author publication paper journal conference domain keyword citation reference
  organization publisher abstract book page pages library school college university student teacher course class subject department faculty major advisor
  semester credits exam test degree salary wage bonus hire hired fire manager job position department office staff worker project task hour hours minute minutes second
  seconds invoice media genre track album artist playlist composer bytes milliseconds concert singer song stadium theme theater theatre movie film
  show director actor cast rating review reviews restaurant food menu dish hotel guest booking check room stay night property feature owner agent tenant lease contract policy claim
  patient doctor nurse hospital disease symptom treatment drug medicine dose visit procedure diagnosis lab test result car vehicle driver trip fare
  pickup dropoff passenger tip toll zone payment cylinder horsepower engine fuel gas mile gallon acceleration displacement weather temperature precipitation wind
  humidity pressure rain snow sun cloud station sensor reading measure measurement daily weekly monthly quarterly yearly annual current previous next
  parent child type sub main primary secondary internal external local global public private external internet web site page session event click visit campaign channel
  lead contact opportunity stage source medium subscription plan trial churn renewal support ticket agent priority severity issue resolution assigned closed opened
  `),
]);

export const EMPTY_NAME_WORDS: ReadonlySet<string> = new Set(
  list(
    'data list info information table tbl record details detail ref reference dim fact master all the of main lookup raw stg base view',
  ),
);

/** Words that mean the name of a thing, whatever the column is called. */
export const CODE_WORDS: ReadonlySet<string> = new Set(['number']);

export const DISPLAY_WORDS: ReadonlySet<string> = new Set(['name', 'title']);

/** Words for what was earned, in dictionary form; the first one names the column that is worked out. */
export const REVENUE_WORDS: readonly string[] = list('revenue sale turnover spend spending');

/** Words for what a thing is worth. */
export const WORTH_WORDS: ReadonlySet<string> = new Set(list('value amount total worth size basket'));

/** Words of tables whose rows are sales. */
export const TRADE_WORDS: ReadonlySet<string> = new Set(list('sale order purchase transaction'));

export const AMOUNT_WORDS: ReadonlySet<string> = new Set(
  list('amount total subtotal revenue sale turnover income payment earnings'),
);

/** Amounts that are averaged over rows and not added up. */
export const RATE_WORDS: ReadonlySet<string> = new Set(
  list(
    'price rate ratio percent percentage temperature age score rating humidity pressure speed index latitude longitude expectancy height depth width weight concentration density mileage grade gpa average median',
  ),
);

/** Words behind the name of what is a part of something. */
export const SHARE_WORDS: ReadonlySet<string> = new Set(list('rate'));

/** Dates that are rarely when a row happened. */
export const SIDE_DATE_WORDS: ReadonlySet<string> = new Set(
  list(
    'birth death update updated modify modified due require required expire expiry expiration delete deleted end valid ship shipped deliver delivered close closed return returned cancel cancelled canceled finish finished complete completed resolve resolved',
  ),
);

/** Words of column names that fit a preposition before a value. */
export const PREPOSITION_NAMES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['from', new Set(list('from origin source departure depart start sender pickup'))],
  ['to', new Set(list('to destination target arrival arrive end receiver dropoff'))],
  ['by', new Set(list('by'))],
  // Prepositions before a place.
  ['in', new Set(list('in from at near within'))],
]);

/** Words that a name may lack without being another name: "product" for `product_name`. */
export const LIGHT_WORDS: ReadonlySet<string> = new Set(
  list('name id code number type value text title identifier key'),
);

/** Words that may stand between the words of a name: "number of platforms". */
export const LINKING_WORDS: ReadonlySet<string> = new Set(list('of the in per'));

/** Words behind a number that count how often something was done. */
export const TIMES_WORDS: ReadonlySet<string> = new Set(list('time times'));

/** Words behind a number that name its unit. */
export const UNIT_WORDS: ReadonlySet<string> = new Set(
  list(
    'year years old dollar dollars euro euros usd eur kg km pound pounds mile miles degree degrees cm meter meters metre metres minute minutes hour hours',
  ),
);

export const MONEY_WORDS: ReadonlySet<string> = new Set(
  list('dollar dollars euro euros usd eur gbp cent cents pounds'),
);

/** Words for a span of time that has two ends. */
export const PERIOD_WORDS: ReadonlySet<string> = new Set(list('period range interval span window'));

/** Words of names that say the one end of a range and the other. */
export const RANGE_ENDS: readonly (readonly [string, string])[] = [
  ['from', 'to'],
  ['start', 'end'],
  ['begin', 'end'],
  ['opened', 'closed'],
  ['low', 'high'],
];

/** Words between the ends of a range. */
export const RANGE_WORDS: ReadonlySet<string> = new Set(list('to - –'));
