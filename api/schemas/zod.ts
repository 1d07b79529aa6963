import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

// Schemas get `.openapi('Name')` only when this ran before they were made, so they take `z` from here.
extendZodWithOpenApi(z);

export { z };
