import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0003_aliases_and_stages'),
    ]

    operations = [
        migrations.AddField(
            model_name='deployment',
            name='copy_of',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='models_app.deployment'),
        ),
    ]
