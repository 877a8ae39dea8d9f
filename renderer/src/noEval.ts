import { config } from 'zod';

// The page's policy forbids eval, and zod would try whether it may: it shall not even ask. Imported before every schema.
config({ jitless: true });
