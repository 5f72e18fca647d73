"""Store the conversations of users who log in."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


DELETE_WITH_DOCUMENT = """
ALTER TABLE compat_api_answersource ADD CONSTRAINT answersource_document
    FOREIGN KEY (document_id) REFERENCES documents_document (id) ON DELETE CASCADE
"""


class Migration(migrations.Migration):

    dependencies = [
        ('compat_api', '0003_plain_names'),
        ('documents', '0009_event_kind'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Conversation',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('scope', models.JSONField(default=dict, help_text='Filters of the next question, as the API takes them.')),
                ('is_shared', models.BooleanField(default=False, help_text="Users who may read the workspace can open the conversation's address.")),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conversations', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conversations', to='documents.workspace')),
            ],
            options={
                'verbose_name': 'conversation',
                'verbose_name_plural': 'conversations',
            },
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('question', models.TextField()),
                ('scope', models.JSONField(default=dict)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='turns', to='compat_api.conversation')),
            ],
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('key', models.UUIDField(primary_key=True, serialize=False)),
                ('mode', models.CharField(max_length=16)),
                ('state', models.CharField(choices=[('running', 'Running'), ('complete', 'Complete'), ('failed', 'Failed'), ('stopped', 'Stopped')], default='running', max_length=8)),
                ('result', models.JSONField(default=dict, help_text='The merged lines of the answer, without references.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, help_text='Renewed while the answer is generated.')),
                ('turn', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='compat_api.turn')),
            ],
        ),
        migrations.CreateModel(
            name='AnswerSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('reference', models.JSONField(help_text='The reference as the page shows it.')),
                ('answer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sources', to='compat_api.answer')),
                ('document', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='documents.document')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('answer', 'position'), name='answer_source_unique')],
            },
        ),
        migrations.AddIndex(
            model_name='conversation',
            index=models.Index(fields=['owner', 'workspace', '-updated_at'], name='conversation_list'),
        ),
        migrations.AddConstraint(
            model_name='turn',
            constraint=models.UniqueConstraint(fields=('conversation', 'position'), name='turn_position_unique'),
        ),
        migrations.RunSQL(DELETE_WITH_DOCUMENT, migrations.RunSQL.noop),
    ]
