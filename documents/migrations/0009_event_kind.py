"""Give pipeline events a kind and data, also those that the pipeline status reads."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

DELETIONS = r"""
UPDATE documents_pipelineevent
SET kind = 'deleted',
    data = jsonb_build_object(
        'count', substring(message FROM '^Deleted (\d+) documents')::int)
WHERE document_id IS NULL AND message ~ '^Deleted \d+ documents'
"""

SCANS = r"""
UPDATE documents_pipelineevent e
SET kind = CASE
        WHEN message LIKE '%: started' THEN 'scan_started'
        WHEN message LIKE '%: completed: %' THEN 'scan_completed'
        ELSE 'scan_failed'
    END,
    data = jsonb_build_object(
        'track_id', substring(message FROM '^Scan (scan_\w+): '),
        'counts', coalesce((
            SELECT jsonb_object_agg(m[2], m[1]::int)
            FROM regexp_matches(e.message, '(\d+) ([a-z]+)', 'g') m
            WHERE e.message LIKE '%: completed: %'), '{}'))
WHERE document_id IS NULL AND message ~ '^Scan scan_\w+: '
"""


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0008_tagged'),
    ]

    operations = [
        migrations.AddField(
            model_name='pipelineevent',
            name='data',
            field=models.JSONField(blank=True, default=dict, verbose_name='data'),
        ),
        migrations.AddField(
            model_name='pipelineevent',
            name='kind',
            field=models.CharField(blank=True, choices=[('parsed', 'Parsed'), ('processed', 'Processed'), ('failed', 'Failed'), ('replaced', 'Replaced'), ('retried', 'Retried'), ('cancelled', 'Cancelled'), ('deleted', 'Deleted'), ('edits_lost', 'Edits lost'), ('scan_started', 'Scan started'), ('scan_completed', 'Scan completed'), ('scan_failed', 'Scan failed')], max_length=16, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='document',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, help_text='How often parsing was started.'),
        ),
        migrations.AlterField(
            model_name='document',
            name='chunking',
            field=models.JSONField(blank=True, default=dict, help_text='Chunking options of the upload.', verbose_name='chunking'),
        ),
        migrations.AlterField(
            model_name='document',
            name='replaces',
            field=models.OneToOneField(blank=True, help_text='The current version, which this one replaces once it is processed.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replacement', to='documents.document'),
        ),
        migrations.AlterField(
            model_name='document',
            name='tags',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='Tags that questions can be limited to (`documents.intake.tags`).', size=None),
        ),
        migrations.AlterField(
            model_name='workspace',
            name='stale_since',
            field=models.DateTimeField(blank=True, help_text='When a deletion or an edit last invalidated vectors; empty if none wait.', null=True),
        ),
        migrations.AlterField(
            model_name='workspace',
            name='version',
            field=models.PositiveBigIntegerField(default=0, help_text='Incremented by every change that may change an answer.', verbose_name='version'),
        ),
        migrations.AddIndex(
            model_name='pipelineevent',
            index=models.Index(condition=models.Q(('kind__in', ['scan_started', 'scan_completed', 'scan_failed'])), fields=['workspace', 'id'], name='event_of_scan'),
        ),
        migrations.RunSQL(DELETIONS, migrations.RunSQL.noop),
        migrations.RunSQL(SCANS, migrations.RunSQL.noop),
    ]
