//! [`ports::Directories`], and the import that stands on it.

use domain::directory::Files;
use futures_util::future::join_all;
use lambda::{ImportError, import_directory};
use simulation::Stand;

use crate::stands::both;

both!(
    a_version_is_written_once_and_the_newest_is_in_force,
    of_two_imports_at_once_one_makes_the_version,
    an_import_that_says_nothing_new_makes_no_version,
);

/// A small city, whose village has this name.
fn city(village: &str) -> Files {
    Files {
        units: format!(
            "unit,name,tier,kind,parent,duties\ncommand-centre,甲,city,centre,,\n\
             t,乙,township,township,command-centre,\nv,{village},village,village,t,\n"
        ),
        grids: "grid,village\ng1,v\n".to_owned(),
        staff: "staff,role,unit\n".to_owned(),
        members: "member,name,team,skills,grid,contact,availability\n".to_owned(),
        ..Files::default()
    }
}

async fn a_version_is_written_once_and_the_newest_is_in_force(stand: &impl Stand) {
    let directories = &stand.world().rules.directories;
    assert_eq!(directories.current().await.unwrap(), None);
    // Ten and more: a version is a number, not a text.
    for version in 1..=11 {
        let files = city(&format!("样例{version}村"));
        assert!(directories.put(version, &files).await.unwrap());
        assert_eq!(directories.current().await.unwrap(), Some((version, files)));
    }
    assert!(!directories.put(11, &city("别的村")).await.unwrap());
    assert!(!directories.put(3, &city("别的村")).await.unwrap());
    assert_eq!(directories.current().await.unwrap(), Some((11, city("样例11村"))));
}

async fn of_two_imports_at_once_one_makes_the_version(stand: &impl Stand) {
    let directories = &stand.world().rules.directories;
    let cities: Vec<Files> = (0..4).map(|at| city(&format!("样例{at}村"))).collect();
    let put = join_all(cities.iter().map(|files| directories.put(1, files))).await;
    let won: Vec<_> = cities.iter().zip(put).filter(|(_, put)| put.clone().unwrap()).collect();
    assert_eq!(won.len(), 1);
    assert_eq!(directories.current().await.unwrap().as_ref(), Some(&(1, won[0].0.clone())));
    let world = stand.world();
    let imported = join_all(cities.iter().map(|files| import_directory(world, files))).await;
    let (done, refused): (Vec<_>, Vec<_>) = imported.into_iter().partition(Result::is_ok);
    assert!(refused.iter().all(|one| matches!(one, Err(ImportError::Overtaken))), "{refused:?}");
    let mut versions: Vec<u32> = done
        .into_iter()
        .map(Result::unwrap)
        .filter(|one| one.is_new)
        .map(|one| one.directory.version())
        .collect();
    versions.sort_unstable();
    let newest = directories.current().await.unwrap().unwrap().0;
    assert_eq!(versions, (2..=newest).collect::<Vec<_>>(), "a version is made by one import");
}

async fn an_import_that_says_nothing_new_makes_no_version(stand: &impl Stand) {
    let world = stand.world();
    assert!(world.rules.imported_directory().await.unwrap().is_none());
    let first = import_directory(world, &city("样例村")).await.unwrap();
    assert_eq!((first.directory.version(), first.is_new), (1, true));
    let mut same = city("样例村");
    same.units = same.units.replace('\n', "\r\n").replace(",乙,", ", 乙 ,");
    let again = import_directory(world, &same).await.unwrap();
    assert_eq!((again.directory.version(), again.is_new), (1, false));
    let next = import_directory(world, &city("别的村")).await.unwrap();
    assert_eq!((next.directory.version(), next.is_new), (2, true));
    let back = import_directory(world, &city("样例村")).await.unwrap();
    assert_eq!(back.directory.version(), 3, "what was before is new again");
    let mut wrong = city("样例村");
    wrong.grids.push_str("g2,t\n");
    let refused = import_directory(world, &wrong).await.unwrap_err();
    let ImportError::Faults(faults) = refused else { panic!("{refused}") };
    assert_eq!((faults[0].file, faults[0].line, faults[0].column), ("grids.csv", 3, "village"));
    assert_eq!(world.rules.imported_directory().await.unwrap(), Some(back.directory));
}
