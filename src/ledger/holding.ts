/** A ledger whose commits stay in the repository beside it: no event names one that `git gc` could take. */
import type { Ledger } from '../ports/ledger.ts';

interface Holder {
  hold(commit: string): void;
  /** @throws GumpError `git` */
  settled(): Promise<void>;
}

/** Like the ledger, but that what is held has its reference before anything more is appended. */
export function holdingLedger(ledger: Ledger, holder: Holder): Ledger {
  return {
    ...ledger,
    hold(commit) {
      ledger.hold(commit);
      holder.hold(commit);
    },
    async append(events) {
      await holder.settled();
      await ledger.append(events);
    },
  };
}
