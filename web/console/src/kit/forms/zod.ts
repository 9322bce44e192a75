// zod without the code it would generate at run time: the page's Content-Security-Policy has no `unsafe-eval`.
import { z } from 'zod';

z.config({ jitless: true });

export { z };
