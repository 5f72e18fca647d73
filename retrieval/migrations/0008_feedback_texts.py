"""Labels and help texts only; the tables do not change."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("retrieval", "0007_words")]

    operations = [
        migrations.AlterModelOptions(
            name="feedback",
            options={
                "verbose_name": "feedback on an answer",
                "verbose_name_plural": "feedback",
            },
        ),
        migrations.AlterField(
            model_name="feedback",
            name="answer_key",
            field=models.UUIDField(
                help_text="Set by the chat page; a second verdict replaces the first."
            ),
        ),
        migrations.AlterField(
            model_name="feedback",
            name="author",
            field=models.CharField(
                blank=True,
                help_text="Empty if the server requires no login.",
                max_length=150,
                verbose_name="author",
            ),
        ),
        migrations.AlterField(
            model_name="feedback",
            name="cited_chunks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=128),
                default=list,
                help_text="Public ids (doc-…-chunk-007) of the chunks that the answer cites.",
                size=None,
                verbose_name="chunks cited",
            ),
        ),
        migrations.AlterField(
            model_name="feedback",
            name="read_chunks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=128),
                default=list,
                help_text="All chunks in the answer's context, best first.",
                size=None,
                verbose_name="chunks in the context",
            ),
        ),
    ]
