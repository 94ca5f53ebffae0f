from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs_app', '0006_projections'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='refusals',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
