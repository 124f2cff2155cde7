-- The few words that some columns consist of. As such they take a fifth of the time of text to write and to group; in
-- Parquet they are text.
CREATE TYPE word AS ENUM (
    'event', 'party', 'fact', 'utterance', 'recording',
    'call', 'sms', 'im', 'voicemail', 'visit', 'email', 'letter', 'in', 'out', 'forwarded', 'caller', 'callee',
    'debtor', 'guarantor', 'collector', 'family', 'colleague', 'reference', 'lawyer', 'other',
    'second', 'minute', 'day', 'connected', 'unanswered', 'sent', 'delivered', 'undelivered', 'not_sent'
);
