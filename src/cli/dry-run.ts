/** `gump run --dry-run`: the plan as text, or as JSON for other programs. */
import { type DryRun, describeLines, dryRun, hasErrors, oneLine } from '../local.ts';
import { exitCodes } from './exit-codes.ts';
import { print, printDiagnostics, printNote } from './output.ts';

/** With `json`, problems are in the object; exit code 2 where one of them is an error. */
export async function showPlan(wish: DryRun, { json }: { readonly json?: boolean }): Promise<number> {
  const { plan, price, diagnostics } = await dryRun(wish);
  if (json) print(JSON.stringify({ plan, price, diagnostics }, null, 2));
  else printDiagnostics(diagnostics);
  if (plan === null || hasErrors(diagnostics)) return exitCodes.usage;
  if (!json) {
    for (const line of describeLines(plan)) print(oneLine(line));
    if (price !== null) print(`\nprice  ${oneLine(price)}`);
    printNote('dry run: nothing was started and nothing was written');
  }
  return exitCodes.pass;
}
