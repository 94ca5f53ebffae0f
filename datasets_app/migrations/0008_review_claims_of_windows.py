from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('datasets_app', '0007_reviews'),
    ]

    operations = [
        migrations.AddField(
            model_name='reviewitem',
            name='claimed_in',
            field=models.CharField(max_length=36, null=True),
        ),
    ]
