import { describe, expect, it } from 'vitest';
import { csv } from './download';

describe('a list as CSV', () => {
  it('quotes and guards', () =>
    expect(csv(['a', 'b'], [['x,y', 'say "hi"'], ['=1+1', -5], [null, '@cmd']])).toBe('a,b\r\n"x,y","say ""hi"""\r\n\'=1+1,-5\r\n,\'@cmd\r\n'));
});
