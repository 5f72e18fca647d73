-- Rows of the audit trail can be added, but not changed or deleted. TRUNCATE stays allowed
-- for `restore`, which replaces the whole database.
CREATE FUNCTION lightrag_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail cannot be changed'
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER graph_audit_stays BEFORE UPDATE OR DELETE ON graph_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION lightrag_audit_stays();
