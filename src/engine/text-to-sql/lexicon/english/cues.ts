/** The fixed phrases of English questions, by what they do. Phrases are folded, separated by bars. */
import type { Cue } from '../lexicon.js';

const PHRASES: readonly (readonly [Cue, string])[] = [
  [{ kind: 'request', isCourse: true }, 'how does|how do|how did|how has|how have'],
  [{ kind: 'request', compares: true }, 'compare|compare the|comparison of|comparison between|contrast'],
  [
    { kind: 'request' },
    'show|show me|how is|how are|list|list out|list down|find|find out|give|give me|return|tell|tell me|display|get|get me|fetch|report|compute|calculate|provide|' +
      'print|please|can you|could you|would you|i want to know|i want to see|i would like to know|i want|i need|i d like|let me know|let me see|' +
      'we want|we need|retrieve|identify|determine|select|present|describe|state|name the|enumerate|do you know|i wonder|what about|how about|also return|also show|' +
      'i would like|i would like to see|plot|chart|graph|draw|visualize|visualise|count the rows of|look up|answer',
  ],
  [
    { kind: 'what' },
    'what|which|what kind of|which kind of|what sort of|which sort of|what kinds of|what sorts of|what are|what is|what s|which are|which is|which one|which ones|what were|what was|which of',
  ],
  [{ kind: 'who' }, 'who|who is|who are|whom'],
  [{ kind: 'where' }, 'where'],
  [{ kind: 'when' }, 'when'],
  [{ kind: 'how-many' }, 'how many|how many times'],
  [
    { kind: 'number-of' },
    'number of|numbers of|total number of|total count of|count of|counts of|number|count|the number|corresponding number of|quantity of|amount of times|how often|frequency of|overall number of|count the number of|total amount of different',
  ],
  [{ kind: 'quality', concept: 'age' }, 'how old'],
  [{ kind: 'quality', concept: 'weight' }, 'how heavy'],
  [{ kind: 'quality', concept: 'height' }, 'how tall|how high'],
  [{ kind: 'quality', concept: 'length' }, 'how long'],
  [{ kind: 'quality', concept: 'price' }, 'how expensive'],
  [{ kind: 'quality', concept: 'size' }, 'how big|how large'],
  [{ kind: 'quality', concept: 'speed' }, 'how fast'],
  [{ kind: 'how-much' }, 'how much|amount of|total amount of'],
  [{ kind: 'aggregate', name: 'avg' }, 'average|averages|avg|mean|on average|typical|average amount of'],
  [{ kind: 'aggregate', name: 'avg', counts: true }, 'average number of|avg number of|mean number of|average count of'],
  [{ kind: 'aggregate', name: 'sum' }, 'total|totals|sum|sums|sum of|total of|combined|overall'],
  [{ kind: 'aggregate', name: 'min' }, 'minimum|min|minimal'],
  [{ kind: 'aggregate', name: 'max' }, 'maximum|max|maximal|maximum amount of'],
  [{ kind: 'aggregate', name: 'median' }, 'median'],
  [{ kind: 'aggregate', name: 'stddev' }, 'standard deviation|stddev|std dev'],
  [
    { kind: 'superlative', direction: 'desc' },
    'highest|largest|greatest|biggest|largest amount of|highest amount of|greatest amount of',
  ],
  [{ kind: 'superlative', direction: 'asc' }, 'lowest|smallest|smallest amount of|lowest amount of'],
  [{ kind: 'superlative', direction: 'desc', isVague: true }, 'best|best performing|top performing'],
  [{ kind: 'superlative', direction: 'desc', isVague: true, isOfAll: true }, 'best selling|bestselling|top selling'],
  [{ kind: 'superlative', direction: 'asc', isVague: true }, 'worst|worst performing'],
  [{ kind: 'superlative', direction: 'asc', isVague: true, isOfAll: true }, 'worst selling'],
  [{ kind: 'superlative', direction: 'desc', counts: 'things' }, 'most|most amount of'],
  [{ kind: 'superlative', direction: 'asc', counts: 'things' }, 'least|fewest|least amount of'],
  [
    { kind: 'superlative', direction: 'desc', counts: 'rows' },
    'maximum number of|most number of|highest number of|largest number of|greatest number of|the most of|max number of',
  ],
  [
    { kind: 'superlative', direction: 'asc', counts: 'rows' },
    'minimum number of|least number of|lowest number of|smallest number of|fewest number of|min number of',
  ],
  [{ kind: 'top', direction: 'desc' }, 'top|leading'],
  [{ kind: 'top', direction: 'asc' }, 'bottom'],
  [{ kind: 'top', direction: 'desc', byPosition: true }, 'first'],
  [{ kind: 'top', direction: 'asc', byPosition: true }, 'last'],
  [
    { kind: 'frequent', direction: 'desc' },
    'most common|most frequent|most commonly|most frequently|most popular|most often|most prevalent|commonest|most used|most commonly used|most frequently used',
  ],
  [
    { kind: 'frequent', direction: 'asc' },
    'least common|least frequent|least popular|rarest|least commonly used|least used|least frequently',
  ],
  [
    { kind: 'compare', op: '>' },
    '>|more than|greater than|larger than|higher than|over|above|exceeding|exceeds|exceed|exceeded|bigger than|more|greater|larger|higher|in excess of|beyond|better than|surpassing|surpass',
  ],
  [{ kind: 'compare', op: '>', temporal: true }, 'after|later than|newer than|more recent than|since after|later'],
  [
    { kind: 'compare', op: '<' },
    '<|less than|fewer than|smaller than|lower than|under|below|fewer|less|lower|smaller|worse than|not reaching',
  ],
  [{ kind: 'compare', op: '<', temporal: true }, 'before|earlier than|prior to|earlier|older or earlier than'],
  [
    { kind: 'compare', op: '>=' },
    '>=|at least|no less than|not less than|no fewer than|minimum of|a minimum of|greater than or equal to|more than or equal to|not below|not under|no lower than|not lower than|no smaller than',
  ],
  [
    { kind: 'compare', op: '>=', isTail: true },
    'or more|or above|or higher|or greater|or over|and above|and more|or later|or after|or older|and over|and later|and after',
  ],
  [
    { kind: 'compare', op: '<=', isTail: true },
    'or less|or fewer|or below|or lower|or under|and below|and less|or earlier|or before|or younger|and under|and earlier|and before',
  ],
  [
    { kind: 'compare', op: '<=' },
    '<=|at most|no more than|not more than|up to|maximum of|a maximum of|less than or equal to|smaller than or equal to|not above|not over|no greater than|no higher than|no larger than',
  ],
  [
    { kind: 'compare', op: '>=', temporal: true },
    'since|starting from|on or after|from or after|in or after|no earlier than|as of|starting in',
  ],
  [
    { kind: 'compare', op: '<=', temporal: true },
    'until|on or before|in or before|no later than|earlier than or in|before or in|through|till',
  ],
  [
    { kind: 'compare', op: '=' },
    '=|==|equal to|equals|equal|exactly|exactly equal to|is equal to|same as|identical to',
  ],
  [
    { kind: 'compare', op: '!=' },
    '!=|<>|not equal to|different from|other than|differs from|does not equal|is not equal to',
  ],
  [{ kind: 'compare', op: '>', concept: 'age' }, 'older than|elder than|aged over|older|older age than|aged above'],
  [{ kind: 'compare', op: '<', concept: 'age' }, 'younger than|younger|aged under|aged below'],
  [
    { kind: 'compare', op: '>', concept: 'weight' },
    'heavier than|weigh more than|weighs more than|weighing more than|weighed more than|heavier|heavier weight than',
  ],
  [
    { kind: 'compare', op: '<', concept: 'weight' },
    'lighter than|weigh less than|weighs less than|weighing less than|weighed less than|lighter',
  ],
  [{ kind: 'compare', op: '>', concept: 'length' }, 'longer than|longer'],
  [{ kind: 'compare', op: '<', concept: 'length' }, 'shorter than|shorter'],
  [{ kind: 'compare', op: '>', concept: 'height' }, 'taller than|taller'],
  [
    { kind: 'compare', op: '>', concept: 'price' },
    'more expensive than|pricier than|costlier than|cost more than|costs more than|costing more than|cost over|costing over',
  ],
  [
    { kind: 'compare', op: '<', concept: 'price' },
    'cheaper than|less expensive than|cost less than|costs less than|costing less than|cost under|costing under',
  ],
  [{ kind: 'compare', op: '>', concept: 'speed' }, 'faster than|quicker than'],
  [{ kind: 'compare', op: '<', concept: 'speed' }, 'slower than'],
  [{ kind: 'superlative', direction: 'desc', concept: 'age' }, 'oldest|eldest|the most senior'],
  [{ kind: 'superlative', direction: 'asc', concept: 'age' }, 'youngest'],
  [{ kind: 'superlative', direction: 'desc', concept: 'weight' }, 'heaviest'],
  [{ kind: 'superlative', direction: 'asc', concept: 'weight' }, 'lightest'],
  [{ kind: 'superlative', direction: 'desc', concept: 'length' }, 'longest'],
  [{ kind: 'superlative', direction: 'asc', concept: 'length' }, 'shortest'],
  [{ kind: 'superlative', direction: 'desc', concept: 'height' }, 'tallest'],
  [{ kind: 'superlative', direction: 'desc', concept: 'price' }, 'most expensive|priciest|costliest|dearest'],
  [{ kind: 'superlative', direction: 'asc', concept: 'price' }, 'cheapest|least expensive|most affordable'],
  [{ kind: 'superlative', direction: 'desc', concept: 'time' }, 'latest|newest|most recent|most recently|last ever'],
  [{ kind: 'superlative', direction: 'asc', concept: 'time' }, 'earliest|least recent|least recently|soonest'],
  [{ kind: 'superlative', direction: 'desc', concept: 'wealth' }, 'richest|wealthiest'],
  [{ kind: 'superlative', direction: 'asc', concept: 'wealth' }, 'poorest'],
  [{ kind: 'superlative', direction: 'desc', concept: 'speed' }, 'fastest|quickest'],
  [{ kind: 'superlative', direction: 'asc', concept: 'speed' }, 'slowest'],
  [{ kind: 'superlative', direction: 'desc', concept: 'population' }, 'most populous|most populated'],
  [{ kind: 'superlative', direction: 'asc', concept: 'population' }, 'least populous|least populated'],
  [{ kind: 'superlative', direction: 'desc', concept: 'temperature' }, 'hottest|warmest'],
  [{ kind: 'superlative', direction: 'asc', concept: 'temperature' }, 'coldest|coolest'],
  [{ kind: 'superlative', direction: 'desc', concept: 'rain' }, 'wettest|rainiest'],
  [{ kind: 'superlative', direction: 'asc', concept: 'rain' }, 'driest'],
  [{ kind: 'superlative', direction: 'desc', concept: 'wind' }, 'windiest'],
  [{ kind: 'between' }, 'between|ranging from|in the range of|in the range'],
  [
    { kind: 'match', how: 'contains' },
    'contain|contains|containing|contained|include|includes|including|with the word|containing the word|contains the word|has the word|have the substring|contain the substring|that contains the word|' +
      'contain the word|include the word|like|similar to|has the substring|contains the substring|containing the substring|contains the phrase|containing the phrase|with the substring|the string|the word|the substring|the letter|the phrase|the prefix',
  ],
  [
    { kind: 'match', how: 'starts' },
    'start with|starts with|starting with|started with|begin with|begins with|beginning with|begin with the letter|start with the letter|starts with the letter|starting with the letter|with the prefix|with prefix',
  ],
  [
    { kind: 'match', how: 'ends' },
    'end with|ends with|ending with|ending in|end in|ends in|ending with the letter|ends with the letter|end with the letter|with the suffix',
  ],
  [
    { kind: 'order-by' },
    'order by|ordered by|sort by|sorted by|sort|sorted|ordered|ordering by|sorting by|ranked by|rank by|arranged by|in order of|in the order of|' +
      'ordered according to|sorted according to|sort them by|order them by|sort the results by|order the results by|order the result by|sort the result by|in order|sort results by|order results by|listed by|in the order',
  ],
  [
    { kind: 'direction', direction: 'desc' },
    'starting from the best|starting from the highest|starting from the largest|starting with the best|starting with the highest|starting with the largest|from best to worst|from the best to the worst|highest to lowest|largest to smallest|' +
      'descending|desc|decreasing|in descending order|in descending order of|descending order of|in decreasing order|in decreasing order of|descending order|' +
      'from the highest to the lowest|from highest to lowest|from high to low|from the most to the least|from most to least|from the largest to the smallest|from largest to smallest|' +
      'largest first|highest first|biggest first|reverse|in reverse|from the greatest to the least|reverse order|from z to a|' +
      'in the descending order of|in a descending order of|in the descending order|in a descending order|from greatest to least|from large to small|from big to small',
  ],
  [
    { kind: 'direction', direction: 'asc' },
    'ascending|asc|increasing|in ascending order|in ascending order of|ascending order of|in increasing order|in increasing order of|ascending order|' +
      'from the lowest to the highest|from lowest to highest|from low to high|from the least to the most|from least to most|from the smallest to the largest|from smallest to largest|' +
      'smallest first|lowest first|from small to large|' +
      'in the ascending order of|in a ascending order of|in an ascending order of|in the ascending order|in a ascending order|in an ascending order',
  ],
  [
    { kind: 'direction', direction: 'asc', alphabetical: true },
    'alphabetical order|in alphabetical order|in alphabetical order of|alphabetically|alphabetic order|in alphabetic order|lexicographical order|lexicographically|alphabetical order of|in lexicographical order|alphabetical|from a to z|in the alphabetical order|in alphabetical order by',
  ],
  [
    { kind: 'direction', direction: 'desc', concept: 'age' },
    'from the oldest to the youngest|from oldest to youngest|from eldest to youngest|oldest to youngest',
  ],
  [
    { kind: 'direction', direction: 'asc', concept: 'age' },
    'from the youngest to the oldest|from youngest to oldest|youngest to oldest',
  ],
  [
    { kind: 'direction', direction: 'desc', concept: 'time' },
    'newest first|most recent first|latest first|from latest to earliest|from newest to oldest|' +
      'from the latest to the earliest|from most recent to oldest|from most recent to least recent|' +
      'from the most recent to the oldest|newest to oldest',
  ],
  [
    { kind: 'direction', direction: 'asc', concept: 'time' },
    'oldest first|earliest first|from earliest to latest|from oldest to newest|from the earliest to the latest|' +
      'oldest to newest|from the oldest to the newest',
  ],
  [
    { kind: 'direction', direction: 'desc', alphabetical: true },
    'reverse alphabetical order|in reverse alphabetical order|reverse lexicographical order|in reverse alphabetical order of|reversed alphabetical order',
  ],
  [
    { kind: 'each', isApart: true },
    'each|for each|for all the different|for different|each different|for each different',
  ],
  [{ kind: 'each', isUniversal: true }, 'every|each and every|every single'],
  [
    { kind: 'each' },
    'in each|of each|for every|in every|per|of every|from each|by each|on each|to each|with each|within each|across each|across',
  ],
  [
    { kind: 'group-by' },
    'group by|grouped by|broken down by|break down by|breakdown by|split by|split up by|aggregated by|segmented by|categorized by|separated by|differ by|differs by|vary by|varies by|broken out by|depending on|according to',
  ],
  [
    { kind: 'not' },
    'not|isn t|aren t|wasn t|weren t|doesn t|don t|didn t|haven t|hasn t|never|cannot|nor|hadn t|non|not ever',
  ],
  [
    { kind: 'without' },
    'without|no|with no|without any|not any|has no|have no|lack|lacks|lacking|had no|with zero|without a|not have any|neither|not a single|no single|zero',
  ],
  [
    { kind: 'except' },
    'except|except for|excluding|exclude|excludes|besides|apart from|aside from|not including|ignoring|ignore|leaving out|but not including',
  ],
  [
    { kind: 'distinct' },
    'distinct|different|unique|various|distinctive|differing|non repeating|deduplicated|without duplicates|without repetition|without duplication',
  ],
  [
    { kind: 'and' },
    'and|as well as|as well|along with|together with|and also|plus|and the|in addition to|in addition|also|and their|and its|alongside',
  ],
  [
    { kind: 'and', asks: true },
    'and what|and how|and show|and list|and return|and give|and which|and also show|and also list',
  ],
  [{ kind: 'or' }, 'or|or else|and or|either of'],
  [{ kind: 'both' }, 'both|at the same time|simultaneously'],
  [{ kind: 'but' }, 'but|however|though|although'],
  [
    { kind: 'relative' },
    'that|where they|in which|on which|for which|to which|at which|of which|from which|such that|wherein|during which|by which|with which|through which|given that',
  ],
  [{ kind: 'whose' }, 'whose'],
  [{ kind: 'with' }, 'with|having'],
  [{ kind: 'have', isOne: true }, 'has|has had|owns|possesses|holds'],
  [
    { kind: 'have' },
    'have|had|have had|has had|own|owns|owned|possess|possesses|possessing|got|holds|include at|contain at',
  ],
  [{ kind: 'be' }, 'is|are|was|were|be|been|being|am|s'],
  [
    { kind: 'of' },
    'of|part of|a part of|belonging to|belong to|belongs to|associated with|corresponding to|related to|assigned to|held by|relating to',
  ],
  [{ kind: 'by' }, 'by'],
  [{ kind: 'for' }, 'for|among|amongst|regarding|concerning|considering|given|within'],
  [{ kind: 'out-of' }, 'out of|out of all|out of the'],
  [
    { kind: 'in' },
    'in|on|at|from|to|into|during|inside|onto|via|through the|over the|under the|throughout|towards|around|near|located in|based in|situated in|living in|live in|lives in|lived in|coming from|come from|comes from|residing in|reside in|as|as a|as an',
  ],
  [{ kind: 'than' }, 'than'],
  [
    { kind: 'versus' },
    'compared to|compared with|compare with|compare to|compare it with|compare it to|compare that with|compare that to|compare this with|compare this to|compare against|compare them with|compare them to|as compared to|as compared with|in comparison to|in comparison with|versus|vs|against',
  ],
  [
    { kind: 'course', course: 'running', unit: null },
    'running total|running total of|running sum|running sum of|cumulative|cumulative total|cumulative total of|cumulative sum|cumulative sum of|cumulated|accumulated',
  ],
  [
    { kind: 'course', course: 'growth', unit: null },
    'growth of|growth in|growth|growth rate of|growth rate|percentage change in|percentage change of|percent change in|percentage growth of|percentage growth in|relative change in',
  ],
  [{ kind: 'course', course: 'change', unit: null }, 'change in|change of|absolute change in|period over period'],
  [
    { kind: 'course', course: 'growth', unit: 'month' },
    'month over month growth|mom growth|monthly growth|monthly growth rate',
  ],
  [{ kind: 'course', course: 'growth', unit: 'quarter' }, 'quarter over quarter growth|qoq growth|quarterly growth'],
  [
    { kind: 'course', course: 'growth', unit: 'year' },
    'year over year growth|yoy growth|yearly growth|annual growth|annual growth rate',
  ],
  [
    { kind: 'course', course: 'change', unit: 'month' },
    'month over month|month on month|mom|mom change|month over month change',
  ],
  [{ kind: 'course', course: 'change', unit: 'week' }, 'week over week|week on week|wow|wow change'],
  [{ kind: 'course', course: 'change', unit: 'quarter' }, 'quarter over quarter|quarter on quarter|qoq|qoq change'],
  [
    { kind: 'course', course: 'change', unit: 'year' },
    'year over year|year on year|yoy|yoy change|year over year change',
  ],
  [{ kind: 'pronoun', isPossessive: true }, 'their|its|his|her|my|our|your'],
  [
    { kind: 'pronoun' },
    'it|they|them|he|she|those|these|this|theirs|themselves|itself|him|us|we|i|me|you|that one|in each one|for each one|to each one|of each one',
  ],
  [{ kind: 'new' }, 'new'],
  [
    { kind: 'missing' },
    'missing|unknown|null|empty|blank|unspecified|undefined|not available|not known|not specified|not set|not provided|not assigned|unset|nothing',
  ],
  [{ kind: 'ratio' }, 'ratio of|ratio|the ratio of|ratio between'],
  [{ kind: 'share', isFraction: true }, 'proportion of|fraction of|proportion|fraction'],
  [{ kind: 'share', isFraction: true, asks: true }, 'what proportion of|what fraction of'],
  [{ kind: 'any' }, 'any|some|at all|a certain|in total|in all|all in all'],
  [
    { kind: 'everything' },
    'information|info|all information|all the information|all info|everything|all columns|all the columns|all fields|full information|complete information|every column|all attributes',
  ],
  [
    { kind: 'share' },
    'percentage of|percent of|share of|percentage|rate of|as a share|as shares|as a percentage|as percentages|in percent|in per cent',
  ],
  [{ kind: 'share', asks: true }, 'what percent of|what percentage of|what share of'],
  [
    { kind: 'trend', unit: null },
    'over time|trend|trends|trend of|evolution of|evolve|evolved|change over time|changed over time|develop over time|development of',
  ],
  [
    { kind: 'trend', unit: 'weekday' },
    'by day of week|by day of the week|by weekday|by weekdays|per weekday|per day of week|per day of the week|each day of the week|each weekday|for each day of the week|for each weekday|on each day of the week|day of the week|day of week|weekday',
  ],
  [
    { kind: 'trend', unit: 'fiscal_year' },
    'by fiscal year|per fiscal year|each fiscal year|for each fiscal year|in each fiscal year|by financial year|per financial year',
  ],
  [
    { kind: 'trend', unit: 'fiscal_quarter' },
    'by fiscal quarter|per fiscal quarter|each fiscal quarter|for each fiscal quarter|in each fiscal quarter',
  ],
  [{ kind: 'trend', unit: 'day' }, 'daily|by day|per day|each day|every day|day by day|for each day|by date'],
  [{ kind: 'trend', unit: 'week' }, 'weekly|by week|per week|each week|every week|week by week|for each week'],
  [
    { kind: 'trend', unit: 'month' },
    'monthly|by month|per month|each month|every month|month by month|for each month|across months|in each month',
  ],
  [
    { kind: 'trend', unit: 'quarter' },
    'quarterly|by quarter|per quarter|each quarter|every quarter|for each quarter|in each quarter',
  ],
  [
    { kind: 'trend', unit: 'year' },
    'yearly|annually|annual|by year|per year|each year|every year|year by year|for each year|over the years|across years|in each year|per annum|across the years',
  ],
  [
    { kind: 'verb', changes: true },
    'change|changes|changed|grow|grows|grew|grown|develop|develops|developed|rise|rises|rose|risen|fall|falls|fell|fallen|increase|increases|increased|' +
      'decrease|decreases|decreased|decline|declines|declined|improve|improves|improved|drop|drops|dropped',
  ],
  [
    { kind: 'verb' },
    'happen|happened|happens|happening|occur|occurred|occurs|take place|took place|taken place|taking place|do|does|did|done|doing|exist|exists|existed|existing|recorded|registered|' +
      'play|plays|played|perform|performs|performed|make|makes|made|making|produce|produces|produced|producing|create|creates|created|build|builds|built|belong|belongs|live|lives|lived|located|situated|come|comes|came|coming|' +
      'go|goes|went|going|use|uses|used|using|work|works|worked|working|stay|stays|stayed|hold|held|give|gives|gave|given|take|takes|took|taken|get|gets|receive|receives|received|' +
      'serve|serves|served|run|runs|ran|offer|offers|offered|provide|provides|provided|appear|appears|appeared|participate|participates|participated|attend|attends|attended|contain|' +
      'assign|assigned|associated|linked|connected|relate|related|involve|involves|involved|feature|features|featured|place|places|placed|placing|issue|issued|record|made up|consist|consists|' +
      'based|carry|carries|carried|raise|raises|raised|keep|keeps|kept|called|named|known|said|titled|labelled|labeled|tagged|marked|listed|available|stored|found|seen|see|ever|can|could|may|might|will|would|should|must|shall|' +
      'account for|accounts for|result|results|appeared|reach|reaches|reached|reaching|start|starts|started|begin|finish|finished|enter|entered|join|visited|visit|visits|generate|generates|generated|bring|brings|brought|earn|earns|earned|earning|' +
      'spend|spends|spent|spending|buy|buys|bought|buying|purchase|purchases|purchased|purchasing|sell|sells|sold|selling|order|place an|generate the|bring in|brought in|pay|pays|paid|paying|cost|costs|costing|completed|complete|own|' +
      'teach|teaches|taught|study|studies|studied|manage|manages|managed|operate|operates|operated|lead|leads|led|report|reports|reported|ship|ships|shipped|deliver|delivers|delivered|supply|supplies|supplied|' +
      'fly|flies|flew|flying|depart|departs|departed|departing|arrive|arrives|arrived|arriving|leave|leaves|leaving|win|wins|won|lose|loses|die|employ|employs|employed|hire|hired|hires|covered|cover|covers|represent|represents|represented|representing|' +
      'define|defined|defines|share|shares|shared|apply|applied|applies|mention|mentioned|need|sign|signed|respectively|concerned',
  ],
  [
    { kind: 'filler' },
    'i mean|i meant|what i mean is|the|a|an|all|there|so|then|just|only|currently|now|here|if|case|cases|ones|one|each other|other|another|else|etc|well|really|actually|database|in the database|in our database|in the system|we have|do we have|' +
      'do you have|are there|is there|have been|has been|details|detail|records|record|entries|entry|rows|row|data|values|value of|list of|set of|group of|kind|kinds|kind of|kinds of|same|own|given|' +
      'corresponding|respective|whole|entire|full list of|complete list of|together|again|thank you|thanks|hi|hello|hey|ok|okay|very|much|many|lot|lots|a lot of|lots of|such|too|even|still|yet|that have|specific|certain|particular|following|about|' +
      'in total|altogether|anything|something|result|result set|output|answer|answers|overall|e g|i e|inclusive|respectively|combination of|combinations of|either|of origin|highly|ended up|end up|up|each one|each of them|pair of|pairs of|while|because|only the|just the|table|tables|column|s|decimal places|decimal place|decimals|decimal points|digits after the decimal point',
  ],
  [{ kind: 'hint', opens: true }, 'match|represent'],
  [
    { kind: 'hint' },
    'based on joining|based on a join|based on a join of|based on the join of|by joining|by doing a left join|by doing a join|by performing a left join|using a left join|using a join|using an inner join|via a left join|via a join',
  ],
  [{ kind: 'round' }, 'rounded to|round to|rounded off to|round it to|rounding to|round the result to|rounded up to'],
  [{ kind: 'unit', unit: 'day' }, 'day'],
  [{ kind: 'unit', unit: 'week' }, 'week'],
  [{ kind: 'unit', unit: 'month' }, 'month'],
  [{ kind: 'unit', unit: 'quarter' }, 'quarter'],
  [{ kind: 'unit', unit: 'year' }, 'year'],
];

/** Where one phrase stands under two cues, the first one counts. */
export const CUES: ReadonlyMap<string, Cue> = (() => {
  const cues = new Map<string, Cue>();
  for (const [cue, phrases] of PHRASES) {
    for (const phrase of phrases.split('|')) if (!cues.has(phrase)) cues.set(phrase, cue);
  }
  return cues;
})();
