/** What the server says of a request, in Italian: by its code, and of a field by the form of its sentence. */

const MESSAGES: Record<string, string> = {
  bad_json: 'Il corpo della richiesta non è JSON.',
  database_away: 'Il database non risponde; riprova tra un momento.',
  invalid: 'La richiesta non è valida.',
  may_not_skip_verification: 'Solo un superutente può disattivare il controllo dei certificati.',
  not_found: 'Non esiste, oppure non puoi vederlo.',
  not_now: 'È già stato inviato, oppure è concluso.',
  out_of_range: 'Un valore è oltre ciò che il database può contenere.',
  range_too_long: 'L’intervallo è troppo lungo.',
  reversed_range: 'L’intervallo finisce prima di cominciare.',
  role_too_low: 'Il tuo ruolo in questo sito non lo permette.',
  scope_too_low: 'L’ambito di questo token non lo permette.',
  superusers_only: 'Solo un superutente può cambiare ciò che vale per tutti i siti.',
  too_big: 'La richiesta è più grande di quanto il server accetti.',
  too_many_bookmarks: 'Hai troppi segnalibri; eliminane uno.',
  too_many_requests: 'Troppe richieste; riprova tra poco.',
  too_many_rules: 'Il sito ha già tutte le regole che può avere.',
  too_many_tokens: 'Hai troppi token; revocane uno.',
  too_slow: 'Ci è voluto troppo; chiedi di meno: un filtro, un intervallo più breve.',
};

const FORMS: [RegExp, string][] = [
  [/^Field required$/, 'Campo obbligatorio'],
  [/^Input should be a valid (?:integer|number|decimal)\b.*/, 'Deve essere un numero'],
  [/^Input should be a valid string$/, 'Deve essere un testo'],
  [/^Input should be a valid (?:date|datetime|time)\b.*/, 'Deve essere una data o un’ora'],
  [/^Input should be greater than or equal to (\S+)$/, 'Deve essere almeno $1'],
  [/^Input should be less than or equal to (\S+)$/, 'Deve essere al massimo $1'],
  [/^Input should be greater than (\S+)$/, 'Deve essere maggiore di $1'],
  [/^Input should be less than (\S+)$/, 'Deve essere minore di $1'],
  [/^String should have at least (\d+) characters?$/, 'Servono almeno $1 caratteri'],
  [/^String should have at most (\d+) characters?$/, 'Al massimo $1 caratteri'],
  [/^Input should be (.+)$/, 'Deve essere $1'],
];

/** What has no code or no such form stays in the server's words. */
export function inItalian(code: string, message: string, fields: Record<string, string> = {}) {
  return {
    message: MESSAGES[code] ?? message,
    fields: Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, field(text)])),
  };
}

function field(text: string): string {
  const form = FORMS.find(([pattern]) => pattern.test(text));
  return form ? text.replace(...form) : text;
}
