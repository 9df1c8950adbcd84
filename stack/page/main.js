document.body.append(import.meta.env.VITE_SUPABASE_URL);
