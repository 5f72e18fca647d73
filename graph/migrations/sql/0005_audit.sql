-- The audit trail is added to and never changed, by whomever. TRUNCATE is left to
-- `restore`, which puts a whole database in the place of another.
CREATE FUNCTION lightrag_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail cannot be changed'
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER graph_audit_stays BEFORE UPDATE OR DELETE ON graph_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION lightrag_audit_stays();
