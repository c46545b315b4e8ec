import { SlipwayError } from '../../../domain/errors.ts';

/** The error of a file that is not the index of a chart repository. */
export function notAnIndex(problem: string): SlipwayError {
  return new SlipwayError('invalid', `the index of the chart repository cannot be read: ${problem}`, {
    fix: 'Give the address of a chart repository: the folder in which its index.yaml is.',
  });
}
