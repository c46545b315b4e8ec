import { DefaultFailureConverter } from '@temporalio/common';

/** Sends the messages and stacks of failures through the payload codec, so that they are encrypted too. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
