from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('retrieval', '0004_feedback'),
    ]

    operations = [
        migrations.AddField(
            model_name='llmcall',
            name='question',
            field=models.CharField(blank=True, default='', help_text='One id for all calls of a question.', max_length=32),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='llmcall',
            name='purpose',
            field=models.CharField(choices=[('extract', 'Extract'), ('summary', 'Summary'), ('keywords', 'Keywords'), ('query', 'Query'), ('embedding', 'Embedding'), ('rerank', 'Rerank')], max_length=16),
        ),
        migrations.AddIndex(
            model_name='llmcall',
            index=models.Index(condition=models.Q(('document__isnull', False)), fields=['document'], name='llm_call_document'),
        ),
    ]
