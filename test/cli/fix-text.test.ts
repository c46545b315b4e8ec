import { expect, test } from 'vitest';
import { commandFix } from '../../cli/fix-text.ts';

test.each([
  ['List them with GET /v1/designs.', 'slipway design list'],
  ['List them with GET /v1/model-drafts.', 'slipway model draft list'],
  ['Did you mean "shop"? List them with GET /v1/designs.', 'Did you mean "shop"? List them with slipway design list.'],
  ['Approve it: POST /v1/plans/plan_1/approve', 'Approve it: slipway plan approve plan_1'],
  ['See what it has: GET /v1/model-drafts/drf_1', 'See what it has: slipway model draft get drf_1'],
  ['See all: GET /v1/model-drafts/drf_1/review', 'See all: slipway model draft review drf_1'],
  ['Run it once: POST /v1/schedules/nightly/trigger', 'Run it once: slipway schedule trigger nightly'],
  ['See: GET /v1/operations/op_1/steps?state=deleting', 'See: slipway operation steps op_1 --state deleting'],
  ['Send the file again with POST /v1/uploads.', 'Send the file again with slipway model import FILE.'],
  ['Wait for it, or ask again with `queue`.', 'Wait for it, or ask again with --queue.'],
  ['Name the revision by `toRevision`.', 'Name the revision by --to-revision.'],
  ['check the Temporal server with `slipway doctor`', 'check the Temporal server with `slipway doctor`'],
  ['Wait for it.', 'Wait for it.'],
])('the fix "%s" is typed as "%s"', (fix, typed) => {
  expect(commandFix(fix)).toBe(typed);
});
