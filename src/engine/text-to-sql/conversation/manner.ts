/** How a follow-up is put. */
export interface Manner {
  /** "also show": what is shown is added to. */
  adds: boolean;
  /** "what about": what is said takes the place of what was said. */
  swaps: boolean;
  /** "also show those in 2015": rows are added, where nothing more is shown of them. */
  widens: boolean;
  /** "which of them": some of what was shown is picked out. */
  chooses: boolean;
  /** "and revenue?": nothing is asked for in a sentence of its own. */
  isFragment: boolean;
  /** "the cheapest ones": as many as before. */
  asksMany: boolean;
}
