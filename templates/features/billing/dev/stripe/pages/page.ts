import type { FakeStripe } from '../fake-stripe.ts';
import type { State } from '../state.ts';

export interface PageContext {
  readonly state: State;
  readonly stripe: FakeStripe;
  /** Writes what became of the state, so that nothing that was pressed is forgotten. */
  readonly keep: () => void;
}

/** What a form of a page has sent. */
export interface Pressed {
  /** What its button says should be done. */
  readonly action: string;
  /** What it should be done to. */
  readonly target: string;
  /** What was chosen from its list, if it has one. */
  readonly choice: string;
}

/** A page about the object that its path names. */
export interface Page {
  /** @param error why what was pressed last could not be done */
  show(context: PageContext, id: string, error?: string): string;
  /** Does what a button says. Gives where the browser goes then; the page itself where nothing. */
  act?(context: PageContext, id: string, pressed: Pressed): string | undefined;
}
