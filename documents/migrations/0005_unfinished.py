from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0004_tags'),
    ]

    operations = [
        migrations.AddField(
            model_name='workspace',
            name='stale_since',
            field=models.DateTimeField(blank=True, help_text='When a delete or an edit last left something to be embedded anew.', null=True),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(condition=models.Q(('status__in', ['pending', 'parsing', 'analyzing', 'processing'])), fields=['workspace', 'created_at', 'id'], name='document_unfinished'),
        ),
    ]
