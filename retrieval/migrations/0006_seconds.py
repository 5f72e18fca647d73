from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('retrieval', '0005_account'),
    ]

    operations = [
        migrations.AddField(
            model_name='llmcall',
            name='seconds',
            field=models.FloatField(help_text='Until its whole answer was there; unknown of old calls.', null=True),
        ),
    ]
