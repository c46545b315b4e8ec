-- Full-text indexes of what is published; the row of a component is its id, the row of a model is its sequence.
CREATE VIRTUAL TABLE component_search USING fts5(kind, words, api_version, display_name, model, description, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4');
--> statement-breakpoint
CREATE VIRTUAL TABLE model_search USING fts5(name, display_name, category, description, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4');
