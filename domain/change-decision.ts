import type { Finding } from './finding.ts';
import { isJsonObject } from './json.ts';
import { describeObject, type KubernetesObject, referenceOf } from './kubernetes-object.ts';
import type { StepAction } from './operation.ts';
import { type Owner, ownerOf } from './ownership.ts';

/** What the deployment's inventory knows of an object. */
export type InventoryFacts = { readonly uid: string | null; readonly appliedDigest: string | null };

/** Another deployment on the same connection that brings the same object. */
export type OtherOwner = {
  readonly deploymentId: string;
  readonly designName: string;
  readonly appliedDigest: string | null;
};

export type ChangeQuestion = {
  readonly deploymentId: string;
  readonly desired: KubernetesObject;
  /** Digest of the manifest, the marks of ownership left out. */
  readonly digest: string;
  readonly live: KubernetesObject | undefined;
  readonly inventory: InventoryFacts | undefined;
  readonly otherOwners: readonly OtherOwner[];
  readonly forceConflicts: boolean;
};

export type ChangeDecision = {
  readonly action: StepAction;
  readonly message?: string;
  readonly finding?: Finding;
};

/** What applying an object would do, from what is live, what the inventory knows and who else claims the object. */
export function decideChange(question: ChangeQuestion): ChangeDecision {
  const { live, deploymentId } = question;
  if (live === undefined) return { action: 'create' };
  if (live.metadata.deletionTimestamp !== undefined) {
    return { action: 'create', message: 'waits until the object that is being deleted under this name is gone' };
  }
  const owner = ownerOf(live);
  if (owner === undefined) return question.inventory === undefined ? adopt(question) : { action: 'update' };
  if (owner.tool !== 'Slipway') return takeFromTool(question, owner);
  if (owner.name !== deploymentId) return shareWith(question, owner.name);
  return isUnchanged(question, live) ? { action: 'unchanged' } : { action: 'update' };
}

function adopt({ desired }: ChangeQuestion): ChangeDecision {
  const subject = describeObject(referenceOf(desired));
  return {
    action: 'update',
    message: 'was there before: adopted, and given back on undeploy',
    finding: {
      severity: 'note',
      code: 'object.adopted',
      subject,
      message: `${subject} exists already and belongs to nobody: it is adopted, and given back as it was on undeploy`,
    },
  };
}

function takeFromTool({ desired, forceConflicts }: ChangeQuestion, owner: Owner): ChangeDecision {
  const subject = describeObject(referenceOf(desired));
  return {
    action: 'update',
    finding: {
      severity: forceConflicts ? 'warning' : 'error',
      code: 'object.ownedByTool',
      subject,
      message: `${subject} belongs to ${owner.tool} (${owner.name})`,
      fix: `take it out of ${owner.tool} first, rename it in the design, or deploy with --force-conflicts to take it over`,
    },
  };
}

/** The same manifest in two deployments is shared: it is written by the first and goes with the last. */
function shareWith({ desired, digest, live, otherOwners }: ChangeQuestion, holder: string): ChangeDecision {
  const subject = describeObject(referenceOf(desired));
  const other = otherOwners.find(({ deploymentId }) => deploymentId === holder);
  const same = other !== undefined && (other.appliedDigest === digest || covers(live, withoutMarks(desired)));
  if (same) return { action: 'keep', message: `shared with the deployment of ${other.designName} (${holder})` };
  return {
    action: 'update',
    finding: {
      severity: 'error',
      code: 'object.ownedByDeployment',
      subject,
      message: `${subject} belongs to the deployment ${holder}${other === undefined ? '' : ` of ${other.designName}`}, with another content`,
      fix: 'rename the object in this design, make both designs say the same of it, or take it out of the other one',
    },
  };
}

function isUnchanged({ desired, digest, inventory }: ChangeQuestion, live: KubernetesObject): boolean {
  return inventory?.appliedDigest === digest && inventory.uid === live.metadata.uid && covers(live, desired);
}

/** The marks differ between the deployments that share an object. */
function withoutMarks(object: KubernetesObject): KubernetesObject {
  const { labels: _labels, annotations: _annotations, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Whether everything that `wanted` says is so in `live`; what `live` says beyond it (defaults, status) does not matter. */
export function covers(live: unknown, wanted: unknown): boolean {
  if (isJsonObject(wanted)) {
    return isJsonObject(live) && Object.entries(wanted).every(([name, value]) => covers(live[name], value));
  }
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) && live.length === wanted.length && wanted.every((item, index) => covers(live[index], item))
    );
  }
  return live === wanted;
}
